/** Twenty turns, measured and printed beside their floor. A time alone proves nothing on a shared machine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Floor } from './floor.mjs';
import { Stage, run } from './support.mjs';

const TURNS = 20;

function median(times: number[]): string {
  const middle = times.sort((a, b) => a - b)[TURNS / 2] ?? 0;
  return `${(middle * 1000).toFixed(0)} us`;
}

test('twenty hot turns', async (t) => {
  const stage = new Stage(t);
  const on = { engine: stage.open(), stage };
  const times = [];
  await run(on, 'warm up').wait();
  for (let turn = 0; turn < TURNS; turn += 1) {
    const start = performance.now();
    assert.equal(await run(on, 'hello').answer(), 'echo: hello');
    times.push(performance.now() - start);
  }
  const floor = new Floor(stage.options(), stage.workDir);
  const floorTimes = [];
  floor.run('warm up');
  for (let turn = 0; turn < TURNS; turn += 1) {
    const start = performance.now();
    floor.run('hello');
    floorTimes.push(performance.now() - start);
  }
  floor.free();
  t.diagnostic(
    `median of ${TURNS} hot turns: ${median(times)}; blocking calls of the library: ${median(floorTimes)}`,
  );
});
