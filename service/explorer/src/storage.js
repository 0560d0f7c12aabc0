// What the explorer keeps in the browser: everything in localStorage, except headers, which may hold
// a token. Headers are kept only if their user wants that, and only in sessionStorage, which ends
// with the browser tab.

import { createLocalStorage } from "@graphiql/toolkit";

const NAMESPACE = "guidepost";
const TABS = "graphiql:tabState";
const HEADERS = "graphiql:headers";
const KEEPS_HEADERS = "graphiql:shouldPersistHeaders";
const HISTORIES = ["graphiql:queries", "graphiql:favorites"];

// Of its own: another GraphiQL on the same localhost would otherwise bring its tabs along.
const local = createLocalStorage({ namespace: NAMESPACE });

const session = {
  getItem: (name) => sessionStorage.getItem(`${NAMESPACE}:${name}`),
  setItem: (name, value) => sessionStorage.setItem(`${NAMESPACE}:${name}`, value),
  removeItem: (name) => sessionStorage.removeItem(`${NAMESPACE}:${name}`),
};

/** What is known until the page is left: the headers, and the tabs with theirs. */
const memory = new Map();

// What an older explorer, or GraphiQL itself, has left there.
local.removeItem(HEADERS);
local.removeItem(KEEPS_HEADERS);
for (const name of [TABS, ...HISTORIES]) {
  const kept = local.getItem(name);
  if (kept) local.setItem(name, withoutHeaders(kept));
}

/** Whether headers are kept while the browser tab is open. */
export function keepsHeaders() {
  return session.getItem(KEEPS_HEADERS) === "true";
}

/** The same JSON without headers. */
function withoutHeaders(text) {
  return JSON.stringify(JSON.parse(text), (key, value) => (key === "headers" ? null : value));
}

/** Keep the tabs with their headers, or remove them. GraphiQL stores tabs half a second late. */
function keepTabs() {
  if (keepsHeaders() && memory.has(TABS)) session.setItem(TABS, memory.get(TABS));
  else session.removeItem(TABS);
}

/** The storage that GraphiQL uses. */
export const storage = {
  get length() {
    return local.length;
  },
  getItem(name) {
    return memory.get(name) ?? session.getItem(name) ?? local.getItem(name);
  },
  setItem(name, value) {
    if (name === HEADERS || name === TABS) memory.set(name, value);
    if (name === KEEPS_HEADERS) session.setItem(name, value);
    else if (name === TABS || HISTORIES.includes(name)) local.setItem(name, withoutHeaders(value));
    else if (name !== HEADERS) local.setItem(name, value);
    if (name === KEEPS_HEADERS || name === TABS) keepTabs();
  },
  removeItem(name) {
    memory.delete(name);
    session.removeItem(name);
    local.removeItem(name);
  },
  clear() {
    [HEADERS, TABS, KEEPS_HEADERS].forEach(storage.removeItem);
    local.clear();
  },
};

/** Give a value to what has none yet. */
export function setDefault(name, value) {
  if (storage.getItem(name) === null) storage.setItem(name, value);
}
