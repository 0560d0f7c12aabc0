// What GraphQL Inspector says of the schema's file, `schema.graphql`: how it differs from the schema
// that is served, and what is wrong with the operations of the documentation.
import { readFileSync } from "node:fs";
import { diff, validate } from "@graphql-inspector/core";
import { buildSchema, Source } from "graphql";

const read = (name) => readFileSync(name, "utf-8");
const schema = buildSchema(read("committed.graphql"));
const changes = await diff(schema, buildSchema(read("schema.graphql")));
const operations = JSON.parse(read("operations.json")).map((text) => new Source(text));
const invalid = validate(schema, operations);
process.stdout.write(JSON.stringify([...changes.map((each) => each.message), ...invalid]));
