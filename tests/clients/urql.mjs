// urql with Graphcache, as docs/clients.md sets it up; prints what a watched page and the cache showed.
import { Seen } from "./requests.mjs";
import { client } from "./urql.js";
import { EVERYTHING, GUIDE, KEYS, PUBLISH, SAVE, SCENE, SLUG } from "./operations.mjs";

const [title] = process.argv.slice(2);
const data = ({ data, error }) => {
  if (error) throw error;
  return data;
};
const read = async (query, variables, options) =>
  data(await client.query(query, { slug: SLUG, ...variables }, options).toPromise());

const seen = new Seen();
client
  .query(GUIDE, { slug: SLUG })
  .subscribe(({ data }) => data?.guide && seen.push(data.guide.title));
const english = (await read(GUIDE)).guide.title;
await seen.until(english);
const french = (await read(GUIDE, { locale: "fr" })).guide.title;
data(await client.mutation(SAVE, { title: { en: title, fr: `${title} (fr)` } }).toPromise());
const draft = (await read(GUIDE, { stage: "DRAFT" })).guide.title;
const before = [...seen.values];
data(await client.mutation(PUBLISH, KEYS).toPromise());
await seen.until(title);
const cached = (await read(GUIDE, { locale: "fr" }, { requestPolicy: "cache-only" })).guide?.title;

await read(SCENE("html"));
await read(SCENE("text"));
const html = await read(SCENE("html"), {}, { requestPolicy: "cache-only" });
const everything = await read(EVERYTHING);
const again = await read(EVERYTHING, {}, { requestPolicy: "cache-only" });

const found = { english, french, cached, draft, before, after: seen.values, html, everything, again };
process.stdout.write(JSON.stringify(found));
process.exit();
