import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createLocalStorage } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import wholeGuide from "./examples/1-whole-guide.graphql";
import listing from "./examples/2-listing.graphql";
import salaries from "./examples/3-salaries.graphql";
import dutch from "./examples/4-dutch.graphql";
import statistics from "./examples/5-statistics.graphql";
import search from "./examples/6-search.graphql";
import icon from "./guidepost.svg";
import "./style.css";

/* global WORKERS -- the files' names, by label; build.mjs puts them in. */
globalThis.MonacoEnvironment = {
  getWorker(_, label) {
    const file = WORKERS[label] ?? WORKERS.editorWorkerService;
    return new Worker(new URL(file, import.meta.url), { type: "module" });
  },
};

// The page and the endpoint have one address, whatever the path that leads there.
const endpoint = location.origin + location.pathname;

async function fetcher(request, { headers } = {}) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

const explorer = explorerPlugin({ showAttribution: false });
const examples = [wholeGuide, listing, salaries, dutch, statistics, search].map((query) => ({ query }));
// Of its own: another GraphiQL on the same localhost would otherwise bring its tabs along.
const storage = withoutHeaders(createLocalStorage({ namespace: "guidepost" }));

// The history keeps headers, and with them tokens, in clear and for good. It is to keep them only
// where "Persist headers" is on in the settings, as GraphiQL has it for the headers of tabs.
function withoutHeaders(storage) {
  const histories = ["queries", "favorites"];
  const cleaned = (name, value) => {
    const list = histories.find((each) => name === `graphiql:${each}`);
    if (!list || storage.getItem("graphiql:shouldPersistHeaders") === "true") return value;
    const items = JSON.parse(value)[list].map(({ headers, ...item }) => item);
    return JSON.stringify({ [list]: items });
  };
  for (const list of histories) {
    const name = `graphiql:${list}`;
    const kept = storage.getItem(name);
    if (kept) storage.setItem(name, cleaned(name, kept));
  }
  return Object.create(storage, {
    setItem: { value: (name, value) => storage.setItem(name, cleaned(name, value)) },
  });
}

// On a first visit the tree is narrow and the editor wider than the answer, whose lines wrap, so
// that the examples fit.
const SIZES = { docExplorerFlex: "0.24", editorFlex: "1.4" };
for (const [name, size] of Object.entries(SIZES)) {
  const key = `graphiql:${name}`;
  if (storage.getItem(key) === null) storage.setItem(key, size);
}

createRoot(document.getElementById("explorer")).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    plugins={[HISTORY_PLUGIN, explorer]}
    visiblePlugin={explorer}
    defaultTabs={examples}
    defaultEditorToolsVisibility={false}
  >
    <GraphiQL.Logo>
      <span className="guidepost-logo">
        <img src={new URL(icon, import.meta.url).href} alt="" /> Guidepost
      </span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
