// The tabs of a first visit.

import wholeGuide from "./examples/1-whole-guide.graphql";
import listing from "./examples/2-listing.graphql";
import salaries from "./examples/3-salaries.graphql";
import dutch from "./examples/4-dutch.graphql";
import statistics from "./examples/5-statistics.graphql";
import search from "./examples/6-search.graphql";
import draft from "./examples/7-draft.graphql";
import draftHeaders from "./examples/7-draft.headers.jsonc";
import save from "./examples/8-save.graphql";
import saveHeaders from "./examples/8-save.headers.jsonc";

export const examples = [
  ...[wholeGuide, listing, salaries, dutch, statistics, search].map((query) => ({ query })),
  { query: draft, headers: draftHeaders },
  { query: save, headers: saveHeaders },
];
