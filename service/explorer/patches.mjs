// Changes to packages' files where they have no setting for it. Each text has to be there once:
// after an upgrade, the build fails rather than change something else.

import { readFile } from "node:fs/promises";

const BRACKETS = 'theme === "dark" ? "#b7c2d7" : "#3b4b68"';

const PATCHES = [
  {
    file: /graphiql-explorer[\\/]dist[\\/]Explorer\.js$/,
    texts: [
      // The tree knows nothing of values that are lists, and logs an error for each. It shows them
      // as they stand in the query.
      [
        "if (argValue.kind === 'Variable') {",
        "if (argValue.kind === 'ListValue') {" +
          " input = React.createElement('span', null, (0, _graphql.print)(argValue));" +
          " } else if (argValue.kind === 'Variable') {",
      ],
      // The field of an argument takes the focus only if its argument has just been ticked, and not
      // because the page was loaded or another tab was opened: typing would overwrite the argument.
      [
        "if (input && activeElement && !(activeElement instanceof HTMLTextAreaElement)) {",
        "if (input && this.props.isTicked) {",
      ],
      [
        "React.createElement(ScalarInput, {",
        "React.createElement(ScalarInput, { isTicked: this.state.displayArgActions,",
      ],
    ],
  },
  {
    file: /@graphiql[\\/]react[\\/]dist[\\/]constants\.js$/,
    texts: [
      // Comments and brackets with a contrast of 4.5, as all texts have.
      [
        'foreground: "#908aff"',
        'foreground: "#908aff" }, { token: "comment", foreground: "#84b872"',
      ],
      [
        '"editor.background": colors.transparent,',
        '"editor.background": colors.transparent,' +
          [1, 2, 3]
            .map((each) => `"editorBracketHighlight.foreground${each}": ${BRACKETS},`)
            .join(" "),
      ],
    ],
  },
  {
    file: /@graphiql[\\/]react[\\/]dist[\\/]utility[\\/]create-editor\.js$/,
    // Long lines wrap: a small screen shows all of them.
    texts: [["automaticLayout: true,", 'automaticLayout: true, wordWrap: "on",']],
  },
  {
    file: /graphiql[\\/]dist[\\/]ui[\\/]sidebar\.js$/,
    texts: [
      // What storage.js makes of that setting.
      ['children: "Persist headers"', 'children: "Keep headers"'],
      [
        '"Save headers upon reloading."',
        '"Keep headers, and the tokens in them, until you close this browser tab (in its' +
          " sessionStorage). Otherwise they are gone when the page is loaded again. Links never" +
          ' contain headers."',
      ],
    ],
  },
];

async function patched(path, texts) {
  let source = await readFile(path, "utf8");
  for (const [before, after] of texts) {
    if (source.split(before).length !== 2) throw new Error(`${path} has not once: ${before}`);
    source = source.replace(before, () => after);
  }
  return { contents: source };
}

/** The plugin of esbuild that makes these changes. */
export const patches = {
  name: "patches",
  setup({ onLoad }) {
    for (const { file, texts } of PATCHES) {
      onLoad({ filter: file }, ({ path }) => patched(path, texts));
    }
  },
};
