// The linter of schemas: all that it recommends, and a description on everything.
import graphql from "@graphql-eslint/eslint-plugin";

const recommended = graphql.configs["flat/schema-recommended"].rules;

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...recommended,
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],
      // These have no identity: they belong to the object, the page or the mutation that they are
      // read from, and a cache keeps them there.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            suffixes: ["Aggregate", "Connection", "Edge", "Group", "Payload"],
            types: [
              "Change",
              "ContentError",
              "ContentLocale",
              "ItemChange",
              "ItemSchedule",
              "LocaleStatus",
              "PageInfo",
              "Provenance",
              "Redirect",
              "ReleaseItem",
              "ReleaseProblem",
              "RichText",
              "SitemapAlternate",
              "SitemapPage",
              "Translation",
            ],
          },
        },
      ],
    },
  },
];
