// Builds the page into dist/. With --check it builds into .build/ and compares: what is committed must
// be what the sources give, byte for byte.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = dirname(fileURLToPath(import.meta.url));
const FILES = ["index.html", "page.js", "page.css", "licences.txt"];

/** All of it, compressed. */
const LIMIT = 70 * 1024;

/** The libraries that are in the bundle; their licences come along. */
const LIBRARIES = ["diff", "highlight.js", "marked"];

async function write(out) {
  await mkdir(out, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { page: "src/main.ts" },
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  await build({
    absWorkingDir: root,
    entryPoints: { page: "src/page.css" },
    outdir: out,
    minify: true,
    target: "chrome123",
    logLevel: "warning",
  });
  await writeFile(join(out, "index.html"), await readFile(join(root, "src/index.html")));
  await writeFile(join(out, "licences.txt"), await licences());
}

async function licences() {
  const texts = await Promise.all(
    LIBRARIES.map(async (name) => {
      const place = join(root, "node_modules", name);
      const { version } = JSON.parse(await readFile(join(place, "package.json"), "utf8"));
      const text = await readFile(join(place, "LICENSE"), "utf8");
      return `${name} ${version}\n\n${text.trim().replaceAll("\r\n", "\n")}\n`;
    }),
  );
  return texts.join("\n---\n\n");
}

const check = process.argv.includes("--check");
const dist = join(root, "dist");
const out = check ? join(root, ".build", "again") : dist;
await write(out);

let size = 0;
for (const name of FILES) {
  const bytes = await readFile(join(out, name));
  if (name !== "licences.txt") size += gzipSync(bytes, { level: 9 }).length;
  if (check && !bytes.equals(await readFile(join(dist, name)))) {
    console.error(`dist/${name} is not what the sources give: run npm run build and commit it`);
    process.exitCode = 1;
  }
}
if (check) await rm(out, { recursive: true });
console.log(`the page: ${size} bytes compressed`);
if (size > LIMIT) {
  console.error(`that is more than ${LIMIT}`);
  process.exitCode = 1;
}
