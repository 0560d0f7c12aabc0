// Apollo Client, as docs/clients.md sets it up; prints what a watched page and the cache showed.
import { Seen } from "./requests.mjs";
import { gql } from "@apollo/client";
import { client } from "./apollo.js";
import { EVERYTHING, GUIDE, KEYS, PUBLISH, SAVE, SCENE, SLUG } from "./operations.mjs";

const [title] = process.argv.slice(2);
const read = async (query, variables, options) =>
  (await client.query({ query: gql(query), variables: { slug: SLUG, ...variables }, ...options })).data;

const seen = new Seen();
client
  .watchQuery({ query: gql(GUIDE), variables: { slug: SLUG } })
  .subscribe(({ data }) => data?.guide && seen.push(data.guide.title));
const english = (await read(GUIDE)).guide.title;
await seen.until(english);
const french = (await read(GUIDE, { locale: "fr" })).guide.title;
await client.mutate({ mutation: gql(SAVE), variables: { title: { en: title, fr: `${title} (fr)` } } });
const draft = (await read(GUIDE, { stage: "DRAFT" })).guide.title;
const before = [...seen.values];
await client.mutate({ mutation: gql(PUBLISH), variables: KEYS });
await seen.until(title);
const cached = (await read(GUIDE, { locale: "fr" }, { fetchPolicy: "cache-only" })).guide?.title;

await read(SCENE("html"));
await read(SCENE("text"));
const html = await read(SCENE("html"), {}, { fetchPolicy: "cache-only" });
const everything = await read(EVERYTHING);
const again = await read(EVERYTHING, {}, { fetchPolicy: "cache-only" });

const found = { english, french, cached, draft, before, after: seen.values, html, everything, again };
process.stdout.write(JSON.stringify(found));
process.exit();
