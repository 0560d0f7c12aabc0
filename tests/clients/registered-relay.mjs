// Relay with the ids of its compiler, as docs/clients.md sets it up.
import { sent } from "./requests.mjs";
import { fetchQuery } from "relay-runtime";
import { environment } from "./src/environment";
import pagesQuery from "./src/__generated__/PagesQuery.graphql";

const slug = "recruiting-backend-developers-in-belgium";
const { guide } = await fetchQuery(environment, pagesQuery, { slug }).toPromise();
process.stdout.write(JSON.stringify({ title: guide.translations[1].title, sent: sent() }));
process.exit();
