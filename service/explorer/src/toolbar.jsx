import { ToolbarButton, pick, tryParseJSONC, useGraphiQL } from "@graphiql/react";
import { useState } from "react";

import { linkTo } from "./link.js";

/** How long a message is shown, in milliseconds. */
const SHOWN = 3000;

/** A button that copies a link to the query, its variables, and its operation if it has several. */
export function CopyLink() {
  const { queryEditor, variableEditor, operations, operationName } = useGraphiQL(
    pick("queryEditor", "variableEditor", "operations", "operationName"),
  );
  const [message, setMessage] = useState("");

  async function copy() {
    try {
      const link = linkTo({
        query: queryEditor.getValue(),
        variables: tryParseJSONC(variableEditor.getValue()),
        operationName: operations?.length > 1 ? operationName : null,
      });
      // Only pages of https or of this machine may write to the clipboard.
      if (navigator.clipboard) await navigator.clipboard.writeText(link);
      else prompt("Copy this link:", link);
      setMessage("Link copied");
    } catch (error) {
      setMessage(error.message);
    }
    setTimeout(setMessage, SHOWN, "");
  }

  return (
    <span className="guidepost-copy-link">
      <ToolbarButton label="Copy a link to this query" onClick={copy}>
        <LinkIcon />
      </ToolbarButton>
      <span role="status">{message}</span>
    </span>
  );
}

function LinkIcon() {
  return (
    <svg
      className="graphiql-toolbar-icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M10 14a4.5 4.5 0 0 0 6.4 0l3.3-3.3a4.5 4.5 0 0 0-6.4-6.4L12 5.6" />
      <path d="M14 10a4.5 4.5 0 0 0-6.4 0l-3.3 3.3a4.5 4.5 0 0 0 6.4 6.4l1.3-1.3" />
    </svg>
  );
}
