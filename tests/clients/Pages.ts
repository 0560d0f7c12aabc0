// What names items in other languages: no client may take it for the items.
import { graphql } from "relay-runtime";

export const pagesQuery = graphql`
  query PagesQuery($slug: String!) {
    guide(slug: $slug) {
      slug
      locale
      translations { locale slug title isComplete nodeId }
    }
    sitemap(types: [GUIDE]) {
      nodes { locale slug nodeId }
    }
  }
`;
