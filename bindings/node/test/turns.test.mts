/** A turn tells everything the agent says, in order, and ends once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TurnError } from 'hotplex';

import { all, next, open, run, these } from './support.mjs';

test('an echo, with the names of JavaScript', async (t) => {
  const on = open(t);
  const events = await all(run(on, 'hello'));
  assert.deepEqual(
    events.map((event) => event.type),
    ['session_start', 'answer', 'turn_end'],
  );
  const [start, answer, end] = events;
  assert.ok(
    start?.type === 'session_start' && answer?.type === 'answer' && end?.type === 'turn_end',
  );
  assert.equal(start.resumed, false);
  assert.match(start.agentSessionId, /^[0-9a-f-]{36}$/);
  assert.equal(answer.text, 'echo: hello');
  assert.equal(answer.sessionId, 'a');
  assert.equal(typeof answer.tMs, 'number');
  assert.equal(end.outcome, 'completed');
  assert.equal(end.stats.isError, false);
  assert.equal(typeof end.stats.totalDurationMs, 'number');
});

test('turns of a session share its process and come in the order of the calls', async (t) => {
  const on = open(t);
  const turns = ['!pid', '!pid', 'history'].map((prompt) => run(on, prompt));
  const [first, second, third] = await Promise.all(turns.map((turn) => turn.answer()));
  assert.equal(first, second);
  assert.equal(third, 'history: 2');
});

test('a tag comes back with every event', async (t) => {
  const on = open(t);
  for (const tag of [Number.MAX_SAFE_INTEGER, 7]) {
    const events = await all(run(on, '!think hm\n!text yes\n!raw no json', { tag }));
    assert.deepEqual([...new Set(events.map((event) => event.tag))], [tag]);
  }
  assert.ok((await all(run(on, 'hello'))).every((event) => event.tag === undefined));
  for (const tag of [-1, 0.5, NaN, 2 ** 64]) {
    assert.throws(() => run(on, 'hello', { tag }), { code: 'invalid_argument' }, String(tag));
  }
});

test('every kind of event arrives with its keys', async (t) => {
  const on = open(t, { partialMessages: true, permissionMode: 'bypassPermissions' });
  const script = [
    '!think hm',
    '!delta 2 0',
    '!tool Read {"file_path":"x","a_b":{"c_d":1}}',
    '!raw {"type":"news"}',
    '!raw no json',
  ];
  const events = await all(run(on, script.join('\n')));
  const [use] = these(events, 'tool_use');
  assert.deepEqual(
    use?.tool.input,
    { file_path: 'x', a_b: { c_d: 1 } },
    'the input keeps its own names',
  );
  const [result] = these(events, 'tool_result');
  assert.equal(result?.isError, false);
  assert.equal(typeof result.durationMs, 'number');
  assert.equal(these(events, 'thinking')[0]?.text, 'hm');
  assert.equal(
    these(events, 'answer_delta')
      .map((delta) => delta.text)
      .join(''),
    'w0 w1 ',
  );
  assert.match(these(events, 'raw')[0]?.line ?? '', /news/);
  assert.equal(these(events, 'notice')[0]?.code, 'not_json');
  assert.equal(these(events, 'turn_end')[0]?.stats.toolCallCount, 1);
});

test('what is hard to carry arrives whole', async (t) => {
  const on = open(t);
  for (const text of ['é😀\u2028', 'two\nlines "quoted"', 'a\u0000b', 'x'.repeat(3_000_000)]) {
    assert.equal(await run(on, text).answer(), `echo: ${text}`);
  }
});

test('a hundred sessions at once keep to themselves', async (t) => {
  const on = open(t);
  const names = Array.from({ length: 100 }, (_, number) => `s${number}`);
  const turns = names.map((name) => run(on, `I am ${name}`, { sessionId: name }).answer());
  assert.deepEqual(
    await Promise.all(turns),
    names.map((name) => `echo: I am ${name}`),
  );
  assert.equal(on.engine.sessions().length, 100);
  await on.engine.close({ graceMs: 0 });
  await on.stage.assertNothingIsLeft();
});

test('answer() is the text, and an error with the end unless the turn completed', async (t) => {
  const on = open(t);
  assert.equal(await run(on, '!text one\n!text two').answer(), 'onetwo');
  await assert.rejects(run(on, '!text half\n!status 529').answer(), (error) => {
    assert.ok(error instanceof TurnError);
    assert.equal(error.code, 'agent_failed');
    assert.equal(error.outcome, 'failed');
    assert.equal(error.end.stats.isError, true);
    return true;
  });
});

test('wait() gives the end, and rejects when that was taken', async (t) => {
  const on = open(t);
  const turn = run(on, 'hello');
  assert.equal((await turn.wait()).outcome, 'completed');
  await assert.rejects(turn.wait(), { code: 'not_found' });
  assert.deepEqual(await turn.next(), { done: true, value: undefined });
});

test('several readers of one turn each get an event, and then the end', async (t) => {
  const turn = run(open(t), 'hello');
  const results = await Promise.all([1, 2, 3, 4, 5].map(() => turn.next()));
  const types = results.map((result) => result.value?.type);
  assert.deepEqual(types, ['session_start', 'answer', 'turn_end', undefined, undefined]);
});

test('what belongs to no turn goes to onBackground', async (t) => {
  const texts: string[] = [];
  const on = open(t, { onBackground: (event) => 'text' in event && texts.push(event.text) });
  await run(on, '!self-turn 1').wait();
  while (texts.length === 0) await run(on, 'hello').wait();
  assert.ok(texts.length > 0);
});

test('a spare serves the first turn', async (t) => {
  const on = open(t);
  on.engine.prewarm({ workDir: on.stage.workDir }, 2);
  while (on.engine.stats().readySpares < 2) await new Promise(setImmediate);
  await run(on, 'hello').wait();
  assert.equal(on.engine.stats().spareHits, 1);
});

test('sessions and figures', async (t) => {
  const on = open(t);
  const turn = run(on, '!hang-soft');
  await next(turn, 'session_start');
  const [session] = on.engine.sessions();
  assert.equal(session?.sessionId, 'a');
  assert.equal(session.state, 'busy');
  assert.equal(session.workDir, on.stage.workDir);
  turn.cancel();
  await turn.wait();
  const stats = on.engine.stats('a');
  assert.deepEqual([stats.turns, stats.turnsCompleted, stats.lastTurn?.toolCallCount], [1, 0, 0]);
  assert.equal(on.engine.stats().turnsNotCompleted, 1);
});
