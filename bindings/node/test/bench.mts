/**
 * What an event costs: CPU of the whole process, the library's reading of the agent included, beside
 * the same through the library's blocking calls. `npm run bench`.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HotPlex } from 'hotplex';

import { Floor } from './floor.mjs';
import { AGENT, LIBRARY } from './support.mjs';

const EVENTS = 200_000;
const RUNS = 5;
const prompt = `!flood ${EVENTS} 100`;
const folder = mkdtempSync(join(tmpdir(), 'hotplex-bench-'));
const options = { program: AGENT, stateDir: folder, killGraceMs: 0 };

/** Microseconds of CPU an event, and events a second: the best of some runs. */
async function measure(what: string, run: () => number | Promise<number>): Promise<void> {
  let [cost, speed] = [Infinity, 0];
  for (let time = 0; time < RUNS; time += 1) {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const events = await run();
    const { user, system } = process.cpuUsage(cpu);
    cost = Math.min(cost, (user + system) / events);
    speed = Math.max(speed, events / (performance.now() - start));
  }
  console.log(
    `${what}: ${cost.toFixed(2)} us of CPU an event, ${speed.toFixed(0)} 000 events a second`,
  );
}

const floor = new Floor(options, folder);
await measure('blocking calls', () => floor.run(prompt));
floor.free();

const engine = new HotPlex({ ...options, library: LIBRARY });
await measure('for await', async () => {
  let events = 0;
  for await (const _ of engine.execute({ sessionId: 'a', workDir: folder, prompt })) events += 1;
  return events;
});
await engine.close();
rmSync(folder, { recursive: true, maxRetries: 10 });
