// The tabs as GraphiQL stores them. GraphiQL would put a query that it is given at its start in the
// place of the first tab, and it would open a tab once more if its last edit is not stored yet. So
// the tabs, and the values of the active one, are stored before it starts.

import { storage } from "./storage.js";

const STATE = "graphiql:tabState";
const NAME = /^\s*(?:query|mutation|subscription)\s+(\w+)/m;

function newTab({ query, variables = null, headers = null, operationName = null }) {
  const title = operationName ?? query.match(NAME)?.[1] ?? "<untitled>";
  const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return { id, title, query, variables, headers, operationName, hash: null, response: null };
}

function isSame(tab, request) {
  return (
    tab.query === request.query &&
    (tab.variables || null) === request.variables &&
    (request.operationName ?? tab.operationName) === tab.operationName &&
    !tab.headers
  );
}

/** The tabs of the last visit, or those of a first one. */
function restored(defaults) {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem(STATE));
    if (tabs[activeTabIndex]) return { tabs, activeTabIndex };
  } catch {
    // There are none, or something else has written there.
  }
  return { tabs: defaults.map(newTab), activeTabIndex: 0 };
}

/**
 * Prepare the tabs of a visit; `defaults` are those of a first one. A request that a link brings
 * gets a tab of its own, or the one that it has already. Its tab has no headers, whatever others
 * have.
 */
export function prepareTabs(defaults, request) {
  const state = restored(defaults);
  if (request) {
    const found = state.tabs.findLastIndex((tab) => isSame(tab, request));
    state.activeTabIndex = found < 0 ? state.tabs.push(newTab(request)) - 1 : found;
  }
  storage.setItem(STATE, JSON.stringify(state));
  const active = state.tabs[state.activeTabIndex];
  for (const name of ["query", "variables", "headers"]) {
    if (active[name]) storage.setItem(`graphiql:${name}`, active[name]);
    else storage.removeItem(`graphiql:${name}`);
  }
}
