/** Errors are of a class, have a code, and say what is wrong in the caller's words. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { existsSync } from 'node:fs';

import { HotPlex, HotPlexError, check, version } from 'hotplex';
import type { HotPlexOptions } from 'hotplex';

import { AGENT, PACKAGE, next, open, run } from './support.mjs';

const refused: [HotPlexOptions, string, RegExp][] = [
  [{ permisionMode: 'plan' } as HotPlexOptions, 'InvalidArgumentError', /permisionMode/],
  [{ idle_timeout_ms: 5 } as HotPlexOptions, 'InvalidArgumentError', /idle_timeout_ms/],
  [{ guard: { enabeld: false } } as HotPlexOptions, 'InvalidArgumentError', /guard\.enabeld/],
  [{ permissionMode: 'whatever' }, 'InvalidArgumentError', /whatever/],
  [{ idleTimeoutMs: -1 }, 'InvalidArgumentError', /-1/],
  [{ idleTimeoutMs: 'soon' } as unknown as HotPlexOptions, 'InvalidArgumentError', /soon/],
  [{ program: '/nowhere/agent' }, 'SpawnFailedError', /\/nowhere\/agent/],
  [{ library: '/nowhere/libhotplex.so' }, 'LibraryMissingError', /\/nowhere/],
  [{ library: '/proc/self/exe' }, 'LibraryMissingError', /\/proc\/self\/exe/],
];
for (const [options, name, message] of refused) {
  test(`an engine with ${JSON.stringify(options)} is refused`, () => {
    const make = (): HotPlex => new HotPlex({ program: AGENT, ...options });
    assert.throws(
      make,
      (error) =>
        error instanceof HotPlexError && error.name === name && message.test(error.message),
    );
  });
}

test('what a turn cannot be', async (t) => {
  const on = open(t);
  const table: [object, string][] = [
    [{ sessionId: '' }, 'invalid_argument'],
    [{ workDir: '' }, 'invalid_argument'],
    [{ sesionId: 'b' }, 'invalid_argument'],
    [{ turnTimeoutMs: 1.5 }, 'invalid_argument'],
  ];
  for (const [wrong, code] of table) {
    assert.throws(() => run(on, 'hello', wrong), { code }, JSON.stringify(wrong));
  }
  assert.throws(() => run(on, undefined as never), TypeError);
  await run(on, 'hello').wait();
  assert.throws(() => run(on, 'hello', { workDir: '/tmp' }), { code: 'invalid_argument' });
});

test('what JSON has no word for is refused, and not sent as null', (t) => {
  const on = open(t);
  const circle: Record<string, unknown> = {};
  circle.circle = circle;
  const table: (() => unknown)[] = [
    () => run(on, 'hello', { turnTimeoutMs: NaN }),
    () => run(on, 'hello', { turnTimeoutMs: Infinity }),
    () => run(on, 'hello', { tag: 1n as never }),
    () => new HotPlex({ program: AGENT, idleTimeoutMs: Infinity }),
    () => {
      on.engine.respond(1, 'r', { behavior: 'allow', updatedInput: { count: NaN } });
    },
    () => {
      on.engine.respond(1, 'r', { behavior: 'allow', updatedInput: circle });
    },
  ];
  for (const call of table) assert.throws(call, { code: 'invalid_argument' }, String(call));
});

test('no session, no turn', (t) => {
  const { engine } = open(t);
  assert.throws(() => engine.stats('nobody'), { name: 'NotFoundError' });
  assert.throws(() => engine.stopSession('nobody'), { code: 'not_found' });
  assert.throws(() => engine.respond(99, 'r', { behavior: 'allow' }), { code: 'not_found' });
  assert.throws(() => engine.stopSession('a\0b'), { code: 'invalid_argument' });
});

test('too much waits', async (t) => {
  const on = open(t, { queueTurns: 1 });
  const turn = run(on, '!hang-soft');
  await next(turn, 'session_start');
  run(on, 'waits');
  assert.throws(() => run(on, 'too many'), { name: 'BusyError', code: 'busy' });
});

test('time is up', async (t) => {
  const end = await run(open(t), '!hang-soft', { turnTimeoutMs: 100 }).wait();
  assert.deepEqual([end.outcome, end.error?.kind], ['timed_out', 'timed_out']);
});

test('an agent that does not start fails its turn', async (t) => {
  const on = open(t, { env: { STAND_IN_FAIL: 'out of luck' } });
  const error = await run(on, 'hello')
    .answer()
    .catch((error: unknown) => error);
  assert.ok(error instanceof HotPlexError);
  assert.equal(error.code, 'spawn_failed');
  assert.match(error.message, /out of luck/);
});

test('a closed engine says so', async (t) => {
  const on = open(t);
  await on.engine.close();
  const calls = [
    () => run(on, 'hello'),
    () => on.engine.sessions(),
    () => on.engine.stats(),
    () => on.engine.prewarm({ workDir: on.stage.workDir }),
    () => on.engine.stopSession('a'),
  ];
  for (const call of calls) assert.throws(call, { name: 'ClosedError', code: 'closed' });
});

test('a missing library is told in one line that says what to do', () => {
  // Without the variable and in a place that has none beside it.
  const script = `
    const Module = require('node:module');
    const fs = require('node:fs');
    fs.existsSync = () => false;
    require('node:module').syncBuiltinESMExports();
    const { HotPlex } = require(${JSON.stringify(PACKAGE)});
    try { new HotPlex(); } catch (error) { console.log(error.code, error.message); }`;
  const { HOTPLEX_LIBRARY: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8' });
  assert.match(stdout, /^library_missing .*cargo build --release.*HOTPLEX_LIBRARY.*\n$/);
  assert.ok(existsSync(PACKAGE));
});

test('the version and the usual rules need no engine', () => {
  assert.match(version(), /^\d+\.\d+\.\d+$/);
  assert.deepEqual(check('ls', { kind: 'command', workDir: '/home/dev/proj' }), {
    verdict: 'allow',
  });
});
