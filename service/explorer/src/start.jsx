import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { parse } from "graphql";
import { useEffect } from "react";

/**
 * Does once what GraphiQL leaves undone at its start: the operation that a link names is chosen, and
 * the cursor is behind it, or at the end of the text, with the focus.
 */
export function Start({ operationName }) {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const { setOperationName } = useGraphiQLActions();

  useEffect(() => {
    if (!queryEditor) return;
    const model = queryEditor.getModel();
    const end = operationName && endOf(operationName, model.getValue());
    if (end) setOperationName(operationName);
    queryEditor.setPosition(model.getPositionAt(end ?? model.getValueLength()));
    // Whoever was faster than the page keeps the focus.
    if (document.activeElement === document.body) queryEditor.focus();
    performance.mark("guidepost:ready");
  }, [queryEditor, operationName, setOperationName]);

  return null;
}

/** Where an operation ends in a text, if it is there. */
function endOf(operationName, text) {
  try {
    const { definitions } = parse(text);
    return definitions.find((each) => each.name?.value === operationName)?.loc.end;
  } catch {
    return undefined; // The editor shows what is wrong with the text.
  }
}
