/** Whoever leaves a turn early interrupts the agent, and the session goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { all, next, open, run, until } from './support.mjs';

const isFree = (on: ReturnType<typeof open>): boolean => on.engine.sessions()[0]?.state === 'ready';

test('break cancels', async (t) => {
  const on = open(t);
  for await (const event of run(on, '!text first\n!hang-soft\n!text never')) {
    if (event.type === 'answer') break;
  }
  await until(() => isFree(on), 'the agent goes on');
  assert.equal(await run(on, 'history').answer(), 'history: 1');
});

test('an error in the loop cancels', async (t) => {
  const on = open(t);
  const loop = async (): Promise<void> => {
    for await (const _ of run(on, '!text first\n!hang-soft')) throw new Error('enough');
  };
  await assert.rejects(loop, { message: 'enough' });
  await until(() => isFree(on), 'the agent goes on');
});

test('the end of a block cancels', async (t) => {
  const on = open(t);
  {
    await using turn = run(on, '!text first\n!hang-soft');
    await next(turn, 'answer');
  }
  await until(() => isFree(on), 'the agent goes on');
});

test('cancel() lets the turn be read to its end', async (t) => {
  const turn = run(open(t), '!text first\n!hang-soft');
  await next(turn, 'answer');
  turn.cancel();
  assert.equal((await turn.wait()).outcome, 'cancelled');
  turn.cancel();
});

test('abort rejects at once with the reason, and only once', async (t) => {
  const on = open(t);
  const controller = new AbortController();
  const turn = run(on, '!text first\n!hang-soft', { signal: controller.signal });
  await next(turn, 'answer');
  const waiting = turn.next();
  controller.abort(new Error('changed my mind'));
  await assert.rejects(waiting, { message: 'changed my mind' });
  assert.equal((await turn.next()).done, true);
  await until(() => isFree(on), 'the agent goes on');
});

test('one signal for many turns aborts them all, and Node finds no leak', async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const on = open(t);
  const controller = new AbortController();
  const { signal } = controller;
  const sessions = Array.from({ length: 20 }, (_, number) => `s${number}`);
  await run(on, 'hello', { signal }).answer();
  const turns = sessions.map((sessionId) => run(on, '!hang-soft', { sessionId, signal }));
  await Promise.all(turns.map((turn) => next(turn, 'session_start')));
  controller.abort(new Error('all of you'));
  for (const turn of turns) await assert.rejects(turn.next(), { message: 'all of you' });
  assert.deepEqual(warnings, []);
});

test('abort while nobody reads is told to the next reader', async (t) => {
  const controller = new AbortController();
  const turn = run(open(t), '!text first\n!hang-soft', { signal: controller.signal });
  controller.abort(new Error('changed my mind'));
  await assert.rejects(turn.next(), { message: 'changed my mind' });
});

test('a signal that was aborted before makes no turn', (t) => {
  const on = open(t);
  const signal = AbortSignal.abort(new Error('too late'));
  assert.throws(() => run(on, 'hello', { signal }), { message: 'too late' });
  assert.deepEqual(on.engine.sessions(), []);
});

test('abort after the end changes nothing', async (t) => {
  const controller = new AbortController();
  const turn = run(open(t), 'hello', { signal: controller.signal });
  await next(turn, 'turn_end');
  controller.abort();
  assert.equal((await turn.next()).done, true);
});

test('an abort comes in time although the agent floods', async (t) => {
  const on = open(t);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 100);
  const turn = run(on, '!flood 100000000 1000', { signal: controller.signal });
  await assert.rejects(all(turn), { message: 'enough' });
  await until(() => isFree(on), 'the agent goes on');
});
