// Apollo Client with the ids of a manifest, as docs/clients.md sets it up.
import { sent } from "./requests.mjs";
import { readFileSync } from "node:fs";
import { gql } from "@apollo/client";
import { client } from "./apollo-registered.js";

const query = gql(readFileSync("src/Guide.graphql", "utf-8"));
const variables = { slug: "recruiting-backend-developers-in-belgium", locale: "fr" };
const { data } = await client.query({ query, variables });
process.stdout.write(JSON.stringify({ title: data.guide.title, sent: sent() }));
process.exit();
