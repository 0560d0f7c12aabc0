// urql with the ids of GraphQL Code Generator, as docs/clients.md sets it up.
import { sent } from "./requests.mjs";
import { client } from "./src/client";
import { GuideQuery } from "./src/guide";

const slug = "recruiting-backend-developers-in-belgium";
const { data, error } = await client.query(GuideQuery, { slug, locale: "fr" }).toPromise();
if (error) throw error;
process.stdout.write(JSON.stringify({ title: data.guide.title, sent: sent() }));
process.exit();
