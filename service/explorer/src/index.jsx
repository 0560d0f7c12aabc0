import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import { examples } from "./examples.js";
import icon from "./guidepost.svg";
import { endpoint, leaveLink, linkedRequest } from "./link.js";
import { Start } from "./start.jsx";
import { keepsHeaders, setDefault, storage } from "./storage.js";
import "./style.css";
import { prepareTabs } from "./tabs.js";
import { CopyLink } from "./toolbar.jsx";

/* global WORKERS -- the files' names, by label; build.mjs puts them in. */
globalThis.MonacoEnvironment = {
  getWorker(_, label) {
    const file = WORKERS[label] ?? WORKERS.editorWorkerService;
    return new Worker(new URL(file, import.meta.url), { type: "module" });
  },
};

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
// On a small screen the tree lies over the editor; see style.css.
const isSmall = matchMedia("(max-width: 700px)").matches;

const linked = linkedRequest();
prepareTabs(examples, linked);
if (linked?.variables) storage.removeItem("graphiql:secondaryEditorFlex");
leaveLink();

// On a first visit the tree is narrow and the editor wider than the answer, whose lines wrap, so
// that the examples fit.
setDefault("graphiql:docExplorerFlex", innerWidth < 1200 ? "0.32" : "0.24");
setDefault("graphiql:editorFlex", "1.4");

createRoot(document.getElementById("explorer")).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    plugins={[HISTORY_PLUGIN, explorer]}
    visiblePlugin={isSmall ? undefined : explorer}
    defaultEditorToolsVisibility={linked?.variables ? "variables" : false}
    shouldPersistHeaders={keepsHeaders()}
    showPersistHeadersSettings
  >
    <GraphiQL.Logo>
      <span className="guidepost-logo">
        <img src={new URL(icon, import.meta.url).href} alt="" /> <span>Guidepost</span>
      </span>
    </GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, merge, copy }) => (
        <>
          {prettify}
          {merge}
          {copy}
          <CopyLink />
        </>
      )}
    </GraphiQL.Toolbar>
    <Start operationName={linked?.operationName} />
  </GraphiQL>,
);
