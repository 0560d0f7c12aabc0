// Links to a request: `/graphql?query=…&variables=…&operationName=…`. With another `Accept` header
// than a browser's, the same address answers the request. A link never contains headers, and none
// are taken from one.

// The page and the endpoint have one address, whatever the path that leads there.
export const endpoint = location.origin + location.pathname;

/** Servers refuse longer ones: Guidepost does from 32,768 bytes on, together with the headers. */
const LONGEST = 24_000;

/** The request that the page's address links to, or null. Variables are text, laid out anew. */
export function linkedRequest() {
  const parameters = new URLSearchParams(location.search);
  const query = parameters.get("query");
  if (!query) return null;
  return {
    query,
    variables: laidOut(parameters.get("variables")),
    operationName: parameters.get("operationName") || null,
  };
}

/** Take the link out of the page's address: loading the page again keeps what has changed. */
export function leaveLink() {
  history.replaceState(null, "", endpoint);
}

/** A link to a request; throws an error that says why there can be none. */
export function linkTo({ query, variables, operationName }) {
  const parameters = new URLSearchParams({ query });
  if (variables) parameters.set("variables", JSON.stringify(variables));
  if (operationName) parameters.set("operationName", operationName);
  const link = `${endpoint}?${parameters}`;
  if (link.length > LONGEST) throw new Error("The query is too long for a link");
  return link;
}

function laidOut(variables) {
  try {
    return variables && JSON.stringify(JSON.parse(variables), null, 2);
  } catch {
    return variables; // The editor shows what is wrong with them.
  }
}
