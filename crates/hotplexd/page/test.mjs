// Builds the tests into .build/ and runs them: `node test.mjs [--bench] [NAME...]`.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const isBench = process.argv.includes("--bench");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const kind = isBench ? /\.bench\.ts$/ : /\.test\.ts$/;
const files = readdirSync(join(root, "test")).filter((file) => kind.test(file));
const chosen = files.filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)));

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
const flags = isBench ? [] : ["--enable-source-maps", "--test", "--test-concurrency=1", "--test-timeout=300000"];
const ran = spawnSync(process.execPath, [...flags, ...built], { cwd: root, stdio: "inherit" });
process.exit(ran.status ?? 1);
