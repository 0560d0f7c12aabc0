// Only codegen knows that one field is not two.
import type { VariablesOf } from "@graphql-typed-document-node/core";
import { ToolsQuery } from "./operations";

export const orders: VariablesOf<typeof ToolsQuery> = {
  // @ts-expect-error  Each key has exactly one field.
  orderBy: [{ name: "ASC", slug: "DESC" }],
};
