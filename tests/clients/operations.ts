import { graphql } from "./gql";

export const SaveMutation = graphql(`
  mutation Save($document: GuideInput!) {
    saveGuide(document: $document) {
      errors { code message }
    }
  }
`);
export const ToolsQuery = graphql(`
  query Tools($orderBy: [ToolOrderBy!]) {
    tools(orderBy: $orderBy) {
      nodes { name }
    }
  }
`);
