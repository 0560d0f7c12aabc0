// Bundles the explorer into dist/: index.html; assets/, where every name holds a hash of the
// content, and where files are compressed too; and licences.txt. The page asks no other host for
// anything.
//
//     npm ci && npm run build

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

import { build } from "esbuild";

import { patches } from "./patches.mjs";

const root = import.meta.dirname;

/** Monaco asks for a worker by one of these labels. */
const WORKERS = {
  editorWorkerService: "monaco-editor/esm/vs/editor/editor.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
};

/** Files of so many bytes fit into one packet as they are. */
const SMALL = 1000;

const options = {
  absWorkingDir: root,
  // Those names stand for CommonJS files, whose named exports esbuild does not give to `import()`.
  alias: {
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
  },
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  jsx: "automatic",
  legalComments: "linked",
  loader: { ".graphql": "text", ".jsonc": "text", ".svg": "file", ".ttf": "file" },
  logLevel: "warning",
  metafile: true,
  minify: true,
  plugins: [patches],
  splitting: true,
  target: ["chrome114", "firefox115", "safari16.4"],
};

/** The file name that an entry point was given, by the entry point's path. */
function namesOf({ outputs }) {
  const entries = Object.entries(outputs).filter(([, output]) => output.entryPoint);
  return Object.fromEntries(entries.map(([path, output]) => [output.entryPoint, basename(path)]));
}

async function buildWorkers() {
  const entryPoints = Object.entries(WORKERS).map(([label, path]) => ({
    in: path,
    out: `worker-${label}`,
  }));
  const { metafile } = await build({ ...options, entryPoints });
  const names = namesOf(metafile);
  const files = Object.fromEntries(
    Object.entries(WORKERS).map(([label, path]) => [label, names[`node_modules/${path}`]]),
  );
  return { metafile, files };
}

/** The page itself, which has to know its workers' names. */
async function buildPage(workers) {
  const { metafile } = await build({
    ...options,
    entryPoints: ["src/index.jsx"],
    define: { WORKERS: JSON.stringify(workers) },
  });
  return metafile;
}

/** esbuild writes the styles of code that loads later a second time; index.css has them all. */
async function dropRepeatedStyles({ outputs }) {
  const repeated = Object.keys(outputs).filter((path) => /chunk-\w+\.css$/.test(path));
  await Promise.all(repeated.map((path) => rm(join(root, path))));
}

async function writeHtml({ outputs }) {
  const files = Object.keys(outputs).map((path) => basename(path));
  const template = await readFile(join(root, "src/index.html"), "utf8");
  const html = template.replace(/%(\w+\.\w+)%/g, (_, name) => {
    const [stem, extension] = name.split(".");
    const file = files.find((f) => f.startsWith(`${stem}-`) && f.endsWith(`.${extension}`));
    if (!file) throw new Error(`src/index.html names ${name}, which the build has not made`);
    return file;
  });
  await writeFile(join(root, "dist/index.html"), html);
}

/** The licences of all packages that went into the bundle, as those ask for. */
async function writeLicences(metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
  const packages = new Set(inputs.map((path) => path.match(folder)?.[0]).filter(Boolean));
  const notices = await Promise.all([...packages].sort().map(notice));
  await writeFile(join(root, "dist/licences.txt"), notices.join("\n\n"));
}

async function notice(path) {
  const { name, version, license } = JSON.parse(await readFile(join(root, path, "package.json")));
  const files = (await readdir(join(root, path))).filter((file) =>
    /^(licen[sc]e|notice|thirdpartynotices)/i.test(file),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(root, path, file), "utf8")));
  return [`=== ${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n");
}

/** Write each file a second and a third time, as Brotli and gzip make it smaller. */
async function compressAssets() {
  const folder = join(root, "dist/assets");
  await Promise.all((await readdir(folder)).map((file) => compress(join(folder, file))));
}

async function compress(path) {
  const content = await readFile(path);
  if (content.length <= SMALL) return;
  const [br, gz] = await Promise.all([
    promisify(zlib.brotliCompress)(content), // at its best, as is the default
    promisify(zlib.gzip)(content, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
}

await rm(join(root, "dist"), { recursive: true, force: true });
const workers = await buildWorkers();
const page = await buildPage(workers.files);
await Promise.all([
  dropRepeatedStyles(page),
  writeHtml(page),
  writeLicences([workers.metafile, page]),
]);
await compressAssets();
