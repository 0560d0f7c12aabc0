// Relay, as docs/clients.md sets it up: compiled, and read from its store.
import { requests } from "./requests.mjs";
import { createOperationDescriptor, fetchQuery, getSelector } from "relay-runtime";
import { environment } from "./src/environment";
import guideFragment from "./src/__generated__/Guide_guide.graphql";
import guideQuery from "./src/__generated__/GuideQuery.graphql";
import pagesQuery from "./src/__generated__/PagesQuery.graphql";
import refetchQuery from "./src/__generated__/GuideRefetchQuery.graphql";
import toolsFragment from "./src/__generated__/Guide_tools.graphql";
import toolsQuery from "./src/__generated__/GuideToolsQuery.graphql";

const slug = "recruiting-backend-developers-in-belgium";
const lookup = (selector) => environment.lookup(selector).data;

async function read(query, variables, options) {
  const operation = createOperationDescriptor(query, variables);
  environment.retain(operation);
  await fetchQuery(environment, query, variables, options).toPromise();
  return lookup(operation.fragment);
}
const shown = (guide) => lookup(getSelector(guideFragment, guide));

const english = (await read(guideQuery, { slug })).guide;
const asked = (await read(guideQuery, { slug, locale: "fr", stage: "DRAFT" })).guide;
const first = shown(asked);
requests.length = 0;
const again = await read(refetchQuery, { id: asked.__id }, { networkCacheConfig: { force: true } });
const [{ variables }] = requests;
const { guide, sitemap } = await read(pagesQuery, { slug });
const pages = { translations: guide.translations, sitemap: sitemap.nodes };

const tools = (root) => lookup(getSelector(toolsFragment, root)).tools;
const root = await read(toolsQuery, { first: 2 });
const lengths = [tools(root).edges.length];
while (tools(root).pageInfo.hasNextPage) {
  await read(toolsQuery, { first: 2, after: tools(root).pageInfo.endCursor });
  lengths.push(tools(root).edges.length);
}
const names = tools(root).edges.map((edge) => edge.node.name);
const found = { english: shown(english), first, again: shown(again.node), variables };
process.stdout.write(JSON.stringify({ ...found, pages, lengths, names }));
process.exit();
