// Apollo Client with hashes, as docs/clients.md sets it up; prints what was sent and shown.
import { sent } from "./requests.mjs";
import { gql } from "@apollo/client";
import { client } from "./apollo-hashes.js";
import { GUIDE, SLUG } from "./operations.mjs";

const titles = [];
for (const locale of ["en", "fr", "nl"]) {
  const { data } = await client.query({ query: gql(GUIDE), variables: { slug: SLUG, locale } });
  titles.push(data.guide.title);
}
process.stdout.write(JSON.stringify({ titles, sent: sent() }));
process.exit();
