/** Where the agent asks, the caller decides: at the event, by a callback, or from elsewhere. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Decision, PermissionRequest } from 'hotplex';

import { all, next, open, run, these } from './support.mjs';

const TOOL = '!tool Read {"file_path":"notes"}';

test('allowed at the event, with another input if wanted', async (t) => {
  const on = open(t);
  const turn = run(on, `${TOOL}\n${TOOL}`);
  const request = await next(turn, 'permission_request');
  assert.equal(request.tool.name, 'Read');
  assert.deepEqual(Object.keys(request), [
    'type',
    'turn',
    'sessionId',
    'tMs',
    'requestId',
    'tool',
    'reason',
  ]);
  request.allow();
  assert.match((await next(turn, 'tool_result')).text, /notes/);
  (await next(turn, 'permission_request')).allow({ file_path: 'other' });
  assert.match((await next(turn, 'tool_result')).text, /other/);
  assert.equal((await turn.wait()).outcome, 'completed');
});

test('denied at the event', async (t) => {
  const turn = run(open(t), `${TOOL}\n!text went on`);
  (await next(turn, 'permission_request')).deny('not today');
  const result = await next(turn, 'tool_result');
  assert.deepEqual([result.isError, result.text], [true, 'not today']);
  assert.equal((await turn.wait()).outcome, 'completed');
});

test('denied with the end of the turn', async (t) => {
  const turn = run(open(t), `${TOOL}\n!text never`);
  (await next(turn, 'permission_request')).deny('stop', { interrupt: true });
  const events = await all(turn);
  assert.deepEqual(these(events, 'answer'), []);
});

test('a question is answered once', async (t) => {
  const turn = run(open(t), TOOL);
  const request = await next(turn, 'permission_request');
  request.allow();
  assert.throws(() => request.deny(), { name: 'NotFoundError', code: 'not_found' });
  await turn.wait();
});

test('answered from elsewhere, by turn and request', async (t) => {
  const on = open(t);
  const turn = run(on, TOOL);
  const request = await next(turn, 'permission_request');
  on.engine.respond(request.turn, request.requestId, {
    behavior: 'deny',
    message: 'from elsewhere',
  });
  assert.equal((await next(turn, 'tool_result')).text, 'from elsewhere');
});

test('a callback decides, in its own time', async (t) => {
  const asked: string[] = [];
  const onPermission = async (request: PermissionRequest): Promise<Decision> => {
    asked.push(request.tool.name);
    await new Promise(setImmediate);
    return asked.length === 1
      ? { behavior: 'allow' }
      : { behavior: 'deny', message: 'once is enough' };
  };
  const events = await all(run(open(t), `${TOOL}\n${TOOL}`, { onPermission }));
  assert.deepEqual(asked, ['Read', 'Read']);
  assert.deepEqual(
    these(events, 'tool_result').map((result) => result.isError),
    [false, true],
  );
  assert.equal(these(events, 'permission_request').length, 2, 'the events come all the same');
});

const failing: [string, () => Decision | Promise<Decision>, object][] = [
  [
    'throws',
    () => {
      throw new Error('no answer');
    },
    { message: 'no answer' },
  ],
  ['rejects', () => Promise.reject(new Error('no answer')), { message: 'no answer' }],
  ['decides nonsense', () => ({ behavior: 'perhaps' }) as never, { code: 'invalid_argument' }],
  ['decides nothing', () => undefined as never, { name: 'TypeError' }],
];
for (const [how, onPermission, expected] of failing) {
  test(`a callback that ${how} allows nothing, and the turn fails with its error`, async (t) => {
    const on = open(t);
    await assert.rejects(all(run(on, '!bash touch ran', { onPermission })), expected);
    assert.equal(await run(on, 'hello').answer(), 'echo: hello');
    assert.equal(existsSync(join(on.stage.workDir, 'ran')), false);
  });
}

test('a question that is withdrawn is no error of the callback', async (t) => {
  const onPermission = (): Promise<Decision> =>
    new Promise((resolve) => setTimeout(resolve, 100, { behavior: 'allow' }));
  const events = await all(run(open(t), '!withdraw\n!sleep 300', { onPermission }));
  assert.equal(these(events, 'turn_end')[0]?.outcome, 'completed');
});
