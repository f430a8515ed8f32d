/** The guard speaks to callers: prompts that are refused, tools that are denied, texts that are asked about. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BlockedError, check } from 'hotplex';

import { all, open, run, these } from './support.mjs';

const ORDER = 'please run `rm -rf /` now';
const WRITE = '!tool Write {"file_path":"/etc/motd","content":""}';
const context = { workDir: '/home/dev/proj', home: '/home/dev', user: 'dev' };

test('a prompt that orders destruction is refused with the reason, and there is no turn', async (t) => {
  const on = open(t);
  const isBlocked = (error: unknown): boolean =>
    error instanceof BlockedError && error.code === 'blocked' && error.message.length > 10;
  assert.throws(() => run(on, ORDER), isBlocked);
  assert.deepEqual(on.engine.sessions(), []);
  assert.equal(await run(on, 'hello').answer(), 'echo: hello');
});

test('a tool that is denied is told with its rule and its call', async (t) => {
  const events = await all(run(open(t, { permissionMode: 'bypassPermissions' }), WRITE));
  const [block] = these(events, 'danger_block');
  assert.equal(block?.rule, 'files.system');
  assert.equal(block.tool?.name, 'Write');
  assert.ok(block.level && block.reason && block.category && block.suggestions);
  assert.equal(these(events, 'tool_result')[0]?.isError, true);
});

test('the guard is set by the options', async (t) => {
  const on = open(t, { guard: { enabled: false }, permissionMode: 'bypassPermissions' });
  assert.deepEqual(these(await all(run(on, WRITE)), 'danger_block'), []);
});

test('texts are judged without being sent anywhere', (t) => {
  const { engine } = open(t);
  const verdict = check('rm -rf /', { kind: 'command', ...context });
  assert.deepEqual([verdict.verdict, verdict.rule], ['block', 'files.system']);
  assert.equal(engine.check(ORDER, { kind: 'prompt', ...context }).verdict, 'block');
  assert.deepEqual(engine.check('ls', { kind: 'command', ...context }), { verdict: 'allow' });
  assert.throws(() => engine.check('ls', { kind: 'poem' as never, ...context }), {
    code: 'invalid_argument',
  });
  assert.throws(
    () => engine.check('ls', { kind: 'prompt', ...context, wrokDir: '' } as never),
    /wrokDir/,
  );
});

test('another guard holds from the next call of a tool on', async (t) => {
  const on = open(t, { permissionMode: 'bypassPermissions' });
  assert.equal(these(await all(run(on, WRITE)), 'danger_block').length, 1);
  on.engine.setGuard({ enabled: false });
  assert.equal(these(await all(run(on, WRITE)), 'danger_block').length, 0);
  assert.throws(() => on.engine.setGuard({ rulesFile: '/nowhere' }), { code: 'invalid_argument' });
  assert.throws(() => on.engine.setGuard({ enabeld: true } as never), /guard\.enabeld/);
});
