// urql with hashes, as docs/clients.md sets it up; prints what was sent and shown.
import { sent } from "./requests.mjs";
import { client } from "./urql-hashes.js";
import { GUIDE, SLUG } from "./operations.mjs";

const titles = [];
for (const locale of ["en", "fr", "nl"]) {
  const { data, error } = await client.query(GUIDE, { slug: SLUG, locale }).toPromise();
  if (error) throw error;
  titles.push(data.guide.title);
}
process.stdout.write(JSON.stringify({ titles, sent: sent() }));
process.exit();
