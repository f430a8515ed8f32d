// Builds the tests into .build/ and runs them: `node test.mjs [--bench | --real] [NAME...]`. Those named
// *.browser.* need Chromium; without one they are left out, and that is said. Those named *.real.* need the
// real agent too: `make test-real`.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const browser = process.env.HOTPLEX_CHROMIUM || BROWSERS.find((place) => existsSync(place));

const isBench = process.argv.includes("--bench");
const isReal = process.argv.includes("--real");
const ending = isBench ? ".bench.ts" : isReal ? ".real.ts" : ".test.ts";
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const files = readdirSync(join(root, "test"))
  .filter((file) => file.endsWith(ending))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)));
const needsBrowser = (file) => isBench || isReal || file.includes(".browser.");
const chosen = files.filter((file) => browser !== undefined || !needsBrowser(file));

if (chosen.length < files.length) {
  const reason = "there is no Chromium to drive the page with; install the package chromium";
  const left = files.filter((file) => !chosen.includes(file));
  const lines = left.map((file) => `page ${file.split(".")[0]}: ${reason}\n`).join("");
  if (process.env.HOTPLEX_SKIPPED) appendFileSync(process.env.HOTPLEX_SKIPPED, lines);
  else process.stderr.write(`Skipped: ${reason} (${left.join(", ")})\n`);
}
if (chosen.length === 0) process.exit(0);

const out = join(root, ".build", "test");
rmSync(out, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: chosen.map((file) => join("test", file)),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const built = chosen.map((file) => join(out, file.replace(/\.ts$/, ".mjs")));
const flags = isBench ? [] : ["--test", "--test-concurrency=1", "--test-timeout=600000", "--test-reporter=spec"];
const run = (what) =>
  spawnSync(process.execPath, ["--enable-source-maps", ...what], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, HOTPLEX_CHROMIUM: browser ?? "" },
  }).status ?? 1;
process.exit(isBench ? Math.max(...built.map((file) => run([file]))) : run([...flags, ...built]));
