/** Who reads slowly pauses the agent that it reads from, and no other; nothing is lost. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { next, open, run, until } from './support.mjs';

const ANSWERS = 20_000;
const BYTES = 1000;

test('a slow reader pauses its own agent alone, and then gets everything', async (t) => {
  const on = open(t, { windowBytes: 100_000 });
  const slow = run(on, `!flood ${ANSWERS} ${BYTES}`, { sessionId: 'slow' });
  await next(slow, 'answer');
  // The library's window is full: this package holds its own share and does not take more.
  const waiting = (): number =>
    on.engine.sessions().find((each) => each.sessionId === 'slow')?.bufferedBytes ?? 0;
  await until(() => waiting() >= 100_000, 'the agent was not paused');

  for (let turn = 0; turn < 20; turn += 1)
    assert.equal(await run(on, 'hello').answer(), 'echo: hello');
  assert.ok(waiting() >= 100_000, 'nobody took the events of the slow turn meanwhile');
  assert.ok(process.memoryUsage.rss() < 400e6);

  let answers = 1;
  for await (const event of slow) {
    if (event.type === 'answer') answers += 1;
    if (event.type === 'turn_end') assert.equal(event.outcome, 'completed');
  }
  assert.equal(answers, ANSWERS);
});

test('what is taken before the rest of the program has its turn is bounded', async (t) => {
  const on = open(t);
  const sessions = Array.from({ length: 20 }, (_, number) => `s${number}`);
  await Promise.all(sessions.map((sessionId) => run(on, 'hello', { sessionId }).wait()));
  let [atOnce, most] = [0, 0];
  let rest = setImmediate(function others() {
    atOnce = 0;
    rest = setImmediate(others);
  });
  t.after(() => clearImmediate(rest));

  const reading = sessions.map(async (sessionId) => {
    for await (const _ of run(on, '!flood 2000 1000', { sessionId }))
      most = Math.max(most, (atOnce += 1));
  });
  // Meanwhile every agent fills its window: twenty megabytes, if they were all taken.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  await Promise.all(reading);
  assert.ok(most < 1500, `${most} events of a kilobyte without a break`);
});

test('a turn that nobody reads does not keep the engine from closing', async (t) => {
  const on = open(t, { windowBytes: 100_000 });
  const unread = run(on, `!flood 1000000 ${BYTES}`);
  await until(
    () => (on.engine.sessions()[0]?.bufferedBytes ?? 0) >= 100_000,
    'the agent was not paused',
  );
  await on.engine.close({ graceMs: 100 });
  assert.equal((await unread.wait()).outcome, 'stopped');
  await on.stage.assertNothingIsLeft();
});

test('to leave a turn that was held back frees its session', async (t) => {
  const on = open(t, { windowBytes: 100_000 });
  const held = run(on, `!flood 1000000 ${BYTES}`);
  await until(
    () => (on.engine.sessions()[0]?.bufferedBytes ?? 0) >= 100_000,
    'the agent was not paused',
  );
  await held.return();
  assert.equal(await run(on, 'hello').answer(), 'echo: hello');
});
