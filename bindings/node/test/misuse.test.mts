/** What programs do that was not meant: nothing hangs, crashes, is lost or stays behind. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { HotPlexError } from 'hotplex';
import type { HotPlexEvent } from 'hotplex';

import { AGENT, LIBRARY, PACKAGE, all, next, open, run, these, until } from './support.mjs';

test('what is over says so, and waits for nobody', async (t) => {
  const on = open(t);
  const turn = run(on, '!hang-soft');
  await on.engine.close({ graceMs: 100 });
  assert.equal((await turn.wait()).outcome, 'stopped');
  assert.deepEqual(await turn.next(), { done: true, value: undefined });
  turn.cancel();
  const calls: (() => unknown)[] = [
    () => run(on, 'hello'),
    () => turn.respond('r', { behavior: 'allow' }),
    () => on.engine.sessions(),
    () => on.engine.stats(),
  ];
  for (const call of calls) assert.throws(call, HotPlexError, String(call));
  await Promise.all([on.engine.close(), on.engine.close(), on.engine.close({ graceMs: 0 })]);
});

test('an engine is closed, and waited for, in the loop over its turn', async (t) => {
  const on = open(t);
  const seen: string[] = [];
  for await (const event of run(on, '!flood 10000 100\n!hang-soft')) {
    if (seen.length === 0) await on.engine.close({ graceMs: 100 });
    seen.push(event.type);
  }
  assert.equal(seen.at(-1), 'turn_end');
  assert.equal(seen.filter((type) => type === 'turn_end').length, 1);
});

test('an engine is closed by whoever is asked', async (t) => {
  const on = open(t);
  const turn = run(on, '!bash true', {
    onPermission: async () => {
      await on.engine.close({ graceMs: 100 });
      return { behavior: 'allow' };
    },
  });
  assert.equal((await turn.wait()).outcome, 'stopped');
});

test('whoever is asked may ask another session', async (t) => {
  const on = open(t);
  const turn = run(on, '!bash true\n!text went on', {
    onPermission: async () => {
      const answer = await run(on, 'hello', { sessionId: 'other' }).answer();
      return answer === 'echo: hello' ? { behavior: 'allow' } : { behavior: 'deny' };
    },
  });
  assert.match(await turn.answer(), /went on/);
});

test('two loops over one turn share its events, and both end', async (t) => {
  const turn = run(open(t), '!flood 3000 10');
  const [one, other] = await Promise.all([all(turn), all(turn)]);
  const both: HotPlexEvent[] = [...one, ...other];
  assert.equal(these(both, 'answer').length, 3000);
  assert.equal(these(both, 'turn_end').length, 1);
});

test('events are asked for ahead of their coming, and come in order', async (t) => {
  const turn = run(open(t), '!text one\n!text two');
  const asked = Array.from({ length: 50 }, () => turn.next());
  const given = await Promise.all(asked);
  const types = given.map(({ value }) => value?.type);
  assert.deepEqual(types.slice(0, 5), ['session_start', 'answer', 'answer', 'turn_end', undefined]);
  assert.ok(given.slice(4).every(({ done }) => done));
});

test('ten thousand events wait for a late reader', async (t) => {
  const on = open(t);
  const turn = run(on, '!flood 10000 10');
  assert.equal(await run(on, 'hello', { sessionId: 'other' }).answer(), 'echo: hello');
  assert.equal(these(await all(turn), 'answer').length, 10_000);
});

test('a turn that nobody reads and nobody refers to keeps no process of Node', (t) => {
  const on = open(t);
  const program = `
    const { HotPlex } = require('hotplex');
    const engine = new HotPlex(${JSON.stringify({ ...on.stage.options(), library: LIBRARY })});
    engine.execute({ sessionId: 'a', workDir: ${JSON.stringify(on.stage.workDir)}, prompt: '!flood 10000 1000' });
  `;
  const options = { cwd: PACKAGE, encoding: 'utf8', timeout: 60_000 } as const;
  const ran = spawnSync(process.execPath, ['-e', program], options);
  assert.deepEqual([ran.status, ran.stderr], [0, ''], AGENT);
});

test('a signal that is aborted in the body of the loop ends it with the reason', async (t) => {
  const on = open(t);
  const controller = new AbortController();
  const turn = run(on, '!flood 1000 100\n!hang-soft', { signal: controller.signal });
  await assert.rejects(
    async () => {
      for await (const event of turn) {
        if (event.type === 'answer') controller.abort(new Error('enough of it'));
      }
    },
    { message: 'enough of it' },
  );
  assert.equal(await run(on, 'next').answer(), 'echo: next');
});

test('a time-out of the platform ends a turn, and the session goes on', async (t) => {
  const on = open(t);
  const turn = run(on, '!hang-soft', { signal: AbortSignal.timeout(100) });
  await assert.rejects(turn.wait(), { name: 'TimeoutError' });
  assert.equal(await run(on, 'next').answer(), 'echo: next');
});

test('a turn may be left again and again', async (t) => {
  const on = open(t);
  const turn = run(on, '!text one\n!hang-soft');
  await next(turn, 'answer');
  await Promise.all([turn.return(), turn.return(), turn[Symbol.asyncDispose]()]);
  await assert.rejects(turn.throw(new Error('as well')), { message: 'as well' });
  assert.deepEqual(await turn.next(), { done: true, value: undefined });
  assert.equal(await run(on, 'next').answer(), 'echo: next');
});

test('a question is answered too late', async (t) => {
  const on = open(t);
  const turn = run(on, '!bash true');
  const question = await next(turn, 'permission_request');
  turn.cancel();
  await turn.wait();
  assert.throws(() => {
    question.allow();
  }, { code: 'not_found' });
});

test('an engine goes to no other thread', (t) => {
  const on = open(t);
  assert.throws(() => structuredClone({ execute: () => on.engine }), { name: 'DataCloneError' });
});

test('what onBackground throws costs nobody an event', async (t) => {
  const thrown: unknown[] = [];
  const keep = (error: unknown): void => void thrown.push(error);
  // The test runner has listeners of its own, which would take it for a failure.
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', keep);
  t.after(() => {
    process.removeListener('uncaughtException', keep);
    for (const other of others) process.on('uncaughtException', other);
  });
  const on = open(t, {
    onBackground: () => {
      throw new Error('of the caller');
    },
  });
  assert.equal(await run(on, '!self-turn 20\n!text mine').answer(), 'mine');
  await until(() => thrown.length > 0, 'nothing was thrown');
  await delay(50);
  assert.equal(await run(on, 'next').answer(), 'echo: next');
});
