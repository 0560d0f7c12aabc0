// fetch with the ids of GraphQL Code Generator, as docs/clients.md sets it up.
import { sent } from "./requests.mjs";
import { GuideQuery } from "./src/guide";
import { send } from "./src/send";

const slug = "recruiting-backend-developers-in-belgium";
const { guide } = await send(GuideQuery, { slug, locale: "fr" });
process.stdout.write(JSON.stringify({ title: guide.title, sent: sent() }));
process.exit();
