// What the caches are tested with.
import { readFileSync } from "node:fs";

export const SLUG = "recruiting-backend-developers-in-belgium";

export const GUIDE = `query Guide($slug: String!, $locale: Locale, $stage: Stage) {
  guide(slug: $slug, locale: $locale, stage: $stage) { id title companies { id name } }
}`;

export const SCENE = (part) => `query Scene($slug: String!) {
  guide(slug: $slug) { id techScene { ${part} } }
}`;

export const EVERYTHING = `query Everything($slug: String!) {
  search(text: "kafka") { nodes { ... on Node { id } ... on Guide { title } } }
  guide(slug: $slug) { id location { id guides { nodes { id } pageInfo { endCursor } } } }
  guides { aggregate { count } groups(groupBy: [ROLE]) { nodes { role { id } aggregate { count } } } }
  locales { code name }
}`;

export const SAVE = `mutation Save($title: LocalizedText!) {
  saveGuide(document: { slug: "${SLUG}", title: $title }) {
    guide { id title }
    changes { path after }
    errors { message }
  }
}`;

/** The mutation of docs/clients.md. */
export const PUBLISH = readFileSync("publish.graphql", "utf-8");
export const KEYS = { slugs: [{ type: "GUIDE", slug: SLUG }] };
