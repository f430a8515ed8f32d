/** Text that is no Unicode is refused in the package's own error, by whatever takes text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import * as hotplex from 'hotplex';
import { HotPlex, check, logTo } from 'hotplex';
import type { LogLevel } from 'hotplex';

import { AGENT, open, run } from './support.mjs';

const odd = 'caf\udce9';
const workDir = '/tmp';

/** What is called by each function that takes text, by its name. */
async function rows(t: TestContext): Promise<Record<string, (() => unknown)[]>> {
  const opened = open(t);
  const { engine } = opened;
  const turn = run(opened, 'hello');
  await turn.wait();
  const context = { kind: 'command', workDir } as const;
  const asked = { sessionId: 'a', workDir, prompt: 'hello' };
  const deny = { behavior: 'deny', message: odd } as const;
  const allow = { behavior: 'allow' } as const;
  return {
    HotPlex: [() => new HotPlex({ program: AGENT, namespace: odd })],
    'HotPlex.setGuard': [() => engine.setGuard({ extraRoots: [odd] })],
    'HotPlex.execute': [
      () => engine.execute({ ...asked, prompt: odd }),
      () => engine.execute({ ...asked, sessionId: odd }),
      () => engine.execute({ ...asked, workDir: `/${odd}` }),
      () => engine.execute({ ...asked, taskSystemPrompt: odd }),
      () => engine.execute({ ...asked, model: odd }),
    ],
    'HotPlex.prewarm': [
      () => engine.prewarm({ workDir: `/${odd}` }),
      () => engine.prewarm({ workDir, model: odd }),
    ],
    'HotPlex.respond': [
      () => engine.respond(1, odd, allow),
      () => engine.respond(1, 'r', deny),
      () => engine.respond(1, 'r', { behavior: 'allow', updatedInput: { a: odd } }),
    ],
    'HotPlex.respondInSession': [
      () => engine.respondInSession(odd, 'r', allow),
      () => engine.respondInSession('a', odd, allow),
      () => engine.respondInSession('a', 'r', deny),
    ],
    'HotPlex.stopSession': [
      () => engine.stopSession(odd),
      () => engine.stopSession('a', odd),
    ],
    'HotPlex.stats': [() => engine.stats(odd)],
    'HotPlex.check': [
      () => engine.check(odd, context),
      () => engine.check('ls', { ...context, workDir: odd }),
    ],
    'Turn.respond': [() => turn.respond(odd, allow), () => turn.respond('r', deny)],
    check: [
      () => check(odd, context),
      () => check('ls', { ...context, workDir: odd }),
    ],
    logTo: [() => logTo(2, odd as LogLevel)],
  };
}

/** All other functions: none of them takes text. */
const textless = [
  'HotPlex.sessions',
  'HotPlex.close',
  'Turn.next',
  'Turn.return',
  'Turn.throw',
  'Turn.cancel',
  'Turn.wait',
  'Turn.answer',
  'Turn.receive',
  'Turn.settle',
  'Turn.lose',
  'providers',
  'version',
];

test('text that is no Unicode is refused by whatever takes text', async (t) => {
  for (const [name, calls] of Object.entries(await rows(t))) {
    for (const [at, call] of calls.entries()) {
      const refused = { name: 'InvalidArgumentError', code: 'invalid_argument' };
      assert.throws(call, refused, `${name} ${at}`);
    }
  }
});

function methods(kind: string, prototype: object): string[] {
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  const named = own.filter(([name, found]) => name !== 'constructor' && 'value' in found);
  return named.map(([name]) => `${kind}.${name}`);
}

test('no function is left out', async (t) => {
  const turn = run(open(t), 'hello');
  await turn.wait();
  const isClass = (found: unknown): boolean => /^class\b/.test(String(found));
  const functions = Object.entries(hotplex).filter(([, found]) => typeof found === 'function');
  const plain = functions.filter(([, found]) => !isClass(found)).map(([name]) => name);
  const expected = [
    'HotPlex',
    ...methods('HotPlex', HotPlex.prototype),
    ...methods('Turn', Object.getPrototypeOf(turn) as object),
    ...plain,
  ];
  const listed = [...Object.keys(await rows(t)), ...textless];
  assert.deepEqual(new Set(listed), new Set(expected));
});
