/** 100 KB of markdown that come in 200 steps, beside the time to read and draw them once: the floor. */

import { build } from "esbuild";
import { join } from "node:path";
import { launch } from "./browser.ts";

const PIECE = `## A part of an answer

It says **what** it does, with \`code\`, a [link](https://example.org/) and *emphasis*, over a line or two of text
that a person would read.

- one thing
- another thing, with \`more code\`
  - and something below it

\`\`\`rust
fn part(number: usize) -> Option<&'static str> {
    // The first is there always.
    match number { 0 => Some("first"), _ => None }
}
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

`;
const TEXT = PIECE.repeat(Math.ceil(100_000 / PIECE.length)).slice(0, 100_000);
const STEPS = 200;
const LIMIT_MS = 500;

const built = await build({
  entryPoints: [join("src", "markdown", "stream.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "streaming",
  write: false,
});
const browser = await launch();
const page = await (await browser.newContext()).newPage();
await page.addInitScript({ content: `${built.outputFiles[0]?.text ?? ""};globalThis.streaming = streaming;` });
await page.goto("about:blank");
const [steps, worst, once] = await page.evaluate(
  ({ text, count }) => {
    interface Stream {
      node: HTMLElement;
      set(text: string, isFinished: boolean): void;
    }
    const { Stream } = (globalThis as unknown as { streaming: { Stream: new () => Stream } }).streaming;
    const time = (work: () => void): number => {
      const begin = performance.now();
      work();
      return performance.now() - begin;
    };
    const fresh = (): Stream => {
      const stream = new Stream();
      document.body.replaceChildren(stream.node);
      return stream;
    };
    const run = (): [number, number] => {
      const stream = fresh();
      const times = Array.from({ length: count }, (_, at) =>
        time(() => {
          stream.set(text.slice(0, Math.ceil((text.length * (at + 1)) / count)), at + 1 === count);
        }),
      );
      return [times.reduce((sum, one) => sum + one, 0), Math.max(...times)];
    };
    run();
    const [all, slowest] = run();
    const whole = fresh();
    const floor = time(() => {
      whole.set(text, true);
    });
    return [all, slowest, floor] as const;
  },
  { text: TEXT, count: STEPS },
);
await browser.close();
const ms = (value: number | undefined): string => `${(value ?? 0).toFixed(0)} ms`;
console.log(`page: 100 KB of markdown in ${STEPS} steps  ${ms(steps)} (slowest step ${ms(worst)}); floor, once: ${ms(once)}; limit ${LIMIT_MS} ms`);
