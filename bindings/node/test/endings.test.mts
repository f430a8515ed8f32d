/** However a turn, an engine, a thread or the process ends: the turn has one end, and no agent is left. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { HotPlex } from 'hotplex';

import { LIBRARY, PACKAGE, Stage, all, next, open, run, these, until } from './support.mjs';

test('an agent that dies in a turn ends the turn, and the next one has a new agent', async (t) => {
  const on = open(t);
  const events = await all(run(on, '!text last words\n!die 3'));
  const [end] = these(events, 'turn_end');
  assert.deepEqual([end?.outcome, end?.error?.kind], ['crashed', 'crashed']);
  assert.equal(these(events, 'answer')[0]?.text, 'last words');
  assert.equal(await run(on, 'hello').answer(), 'echo: hello');
});

test('closing an engine ends the turns that run, and everything that they started', async (t) => {
  const on = open(t);
  const turns = ['a', 'b', 'c'].map((sessionId) =>
    run(on, '!setsid sleep 600\n!text up\n!hang', { sessionId }),
  );
  for (const turn of turns) await next(turn, 'answer');
  const closed = on.engine.close({ graceMs: 100 });
  for (const turn of turns) assert.equal((await turn.wait()).outcome, 'stopped');
  await closed;
  await on.stage.assertNothingIsLeft();
  await on.engine.close();
});

test('the end of a block closes the engine', async (t) => {
  const stage = new Stage(t);
  {
    await using engine = new HotPlex(stage.options());
    assert.equal(await run({ engine, stage }, 'hello').answer(), 'echo: hello');
    assert.ok(stage.processes().length > 0);
  }
  await stage.assertNothingIsLeft();
});

test('a second close shortens the grace of the first', async (t) => {
  const on = open(t, {
    killGraceMs: 600_000,
    env: { STAND_IN_IGNORE_EOF: '1', STAND_IN_IGNORE_TERM: '1' },
  });
  await run(on, 'hello').wait();
  const politely = on.engine.close();
  await on.engine.close({ graceMs: 0 });
  await politely;
  await on.stage.assertNothingIsLeft();
});

test('a stopped session ends its turns and takes the conversation up again', async (t) => {
  const on = open(t, { env: { STAND_IN_STORE: '.' } });
  await run(on, 'one').wait();
  const turn = run(on, '!text up\n!hang');
  await next(turn, 'answer');
  on.engine.stopSession('a', 'signed out');
  const end = await turn.wait();
  assert.equal(end.outcome, 'stopped');
  assert.match(end.error?.message ?? '', /signed out/);
  const events = await all(run(on, 'history'));
  assert.equal(these(events, 'session_start')[0]?.resumed, true);
  assert.equal(these(events, 'answer')[0]?.text, 'history: 2');
});

test('an engine that is forgotten is closed', async (t) => {
  const stage = new Stage(t);
  await (async () =>
    assert.ok(await run({ engine: new HotPlex(stage.options()), stage }, 'hello').answer()))();
  assert.ok(stage.processes().length > 0);
  const isGone = (): boolean => {
    globalThis.gc?.();
    return stage.processes().length === 0;
  };
  await until(isGone, 'the engine was not closed');
});

test('an engine whose turn is read is not forgotten', async (t) => {
  const stage = new Stage(t);
  const turn = run(
    { engine: new HotPlex(stage.options()), stage },
    '!text first\n!sleep 300\n!text last',
  );
  await next(turn, 'answer');
  for (let times = 0; times < 5; times += 1) {
    globalThis.gc?.();
    await soon();
  }
  assert.equal(await turn.answer(), 'last');
});

/** A program of its own with an engine, and what happens when `script` has run. */
async function program(
  stage: Stage,
  script: string,
): Promise<{ status: number | null; said: string }> {
  const source = `
    const { HotPlex } = require(${JSON.stringify(PACKAGE)});
    const options = ${JSON.stringify(stage.options())};
    const engine = new HotPlex(options);
    const run = (prompt, more) => engine.execute({ sessionId: 'a', workDir: ${JSON.stringify(stage.workDir)}, prompt, ...more });
    (async () => { ${script} })();`;
  const child = spawn(process.execPath, ['-e', source], {
    env: { ...process.env, HOTPLEX_LIBRARY: LIBRARY },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

const UP =
  "const turn = run('!setsid sleep 600\\n!text up\\n!hang'); for (let e; (e = await turn.next()).value?.type !== 'answer';); console.log('up');";
const programs: [string, string, number | null][] = [
  ['an idle engine does not hold the process', "console.log(await run('hello').answer());", 0],
  ['an engine that was never used does not hold it either', '', 0],
  ['process.exit with a turn running', `${UP} process.exit(7);`, 7],
  [
    'an uncaught error with a turn running',
    `${UP} setImmediate(() => { throw new Error('uncaught'); });`,
    1,
  ],
  ['SIGKILL with a turn running', `${UP} process.kill(process.pid, 'SIGKILL');`, null],
  [
    'a closed engine lets the process end',
    "await run('hello').answer(); await engine.close(); console.log('closed');",
    0,
  ],
  [
    'a turn that runs holds the process',
    "run('!sleep 300').wait().then((end) => console.log(end.outcome));",
    0,
  ],
  ['a turn that nobody reads does not', "run('!flood 1000000 1000');", 0],
];
for (const [what, script, status] of programs) {
  test(`${what}: it ends as it should and no agent is left`, async (t) => {
    const stage = new Stage(t);
    const ended = await program(stage, script);
    assert.equal(ended.status, status, ended.said);
    if (what.startsWith('a turn that runs')) assert.equal(ended.said, 'completed\n');
    await stage.assertNothingIsLeft();
  });
}

/** A thread with an engine and a turn that runs; it says so, and ends when told to. */
function thread(stage: Stage, end: string): Worker {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const { HotPlex } = require(${JSON.stringify(PACKAGE)});
    const { threadId } = require('node:worker_threads');
    const namespace = 'of thread ' + threadId;
    const engine = new HotPlex({ ...${JSON.stringify(stage.options())}, namespace });
    (async () => {
      const turn = engine.execute({ sessionId: 'a', workDir: ${JSON.stringify(stage.workDir)}, prompt: '!text up\\n!hang-soft' });
      for await (const event of turn) if (event.type === 'answer') break;
      const other = engine.execute({ sessionId: 'b', workDir: ${JSON.stringify(stage.workDir)}, prompt: '!text up\\n!hang-soft' });
      parentPort.once('message', async () => { ${end} });
      for await (const event of other) if (event.type === 'answer') parentPort.postMessage(event.text);
    })();`;
  return new Worker(source, { eval: true });
}

const threads: [string, string][] = [
  ['closes its engine', 'await engine.close()'],
  ['exits with a turn running', 'process.exit()'],
];
for (const [what, end] of threads) {
  test(`a thread that ${what} leaves no agent`, async (t) => {
    const stage = new Stage(t);
    const worker = thread(stage, end);
    assert.deepEqual(await once(worker, 'message'), ['up']);
    worker.postMessage('end');
    await once(worker, 'exit');
    await stage.assertNothingIsLeft();
  });
}

test('a thread that is terminated takes its engine along', async (t) => {
  const stage = new Stage(t);
  const worker = thread(stage, '');
  assert.deepEqual(await once(worker, 'message'), ['up']);
  await worker.terminate();
  await stage.assertNothingIsLeft();
});

test('threads with engines of their own, some of them terminated, do not disturb the process', async (t) => {
  const stage = new Stage(t);
  const workers = Array.from({ length: 4 }, () => thread(stage, 'await engine.close()'));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(workers.slice(2).map((worker) => worker.terminate()));
  for (const worker of workers.slice(0, 2)) worker.postMessage('end');
  await Promise.all(workers.slice(0, 2).map((worker) => once(worker, 'exit')));
  const on = open(t);
  assert.equal(await run(on, 'hello').answer(), 'echo: hello');
});
