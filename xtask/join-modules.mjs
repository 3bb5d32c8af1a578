// Joins the page's modules into a few files, as visitors get them (docs/decisions/0019-joined-modules.md).
//
//     node xtask/join-modules.mjs FOLDER
//
// writes them below FOLDER and prints, a line each, the modules that are in them.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What is started by its address: the page and its workers. */
const STARTED = ["www/app.js", "www/worker.js", "www/helper.js", "www/photos/darkroom-worker.js"];

/** @returns {Promise<{ files: Record<string, string>, modules: string[] }>} files by path, and the modules that are in them */
export async function joinModules() {
  const outdir = join(ROOT, "joined");
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: STARTED,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    outbase: ROOT,
    outdir,
    // All beside www/root.js, which asks for its own address.
    chunkNames: "www/chunk-[hash]",
    write: false,
    metafile: true,
  });
  return { files: Object.fromEntries(outputFiles.map(({ path, text }) => [relative(outdir, path), text])), modules: Object.keys(metafile.inputs) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, modules } = await joinModules();
  for (const [path, text] of Object.entries(files)) {
    const file = join(process.argv[2], path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  console.log(modules.join("\n"));
}
