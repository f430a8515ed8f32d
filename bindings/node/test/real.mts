/**
 * Three turns with the real agent: text, a tool that is asked about and allowed, and one that is
 * cancelled. Ends with status 0 if all went well, and else says what did not.
 *
 * Not run by `npm test`: the tests with the real agent start it where they have an agent and a model
 * server, as `node bindings/node/.build/test/real.mjs` in the variable HOTPLEX_REAL_NODE. It finds
 * the options of the engine, as the C interface spells them, in HOTPLEX_REAL_OPTIONS, and the work
 * directory in HOTPLEX_REAL_WORK_DIR.
 */

import assert from 'node:assert/strict';

import { HotPlex } from 'hotplex';
import type { Turn } from 'hotplex';

import { camelKeys } from '#dist/spelling';
import { all, next, these } from './support.mjs';

const { HOTPLEX_REAL_OPTIONS: options = '', HOTPLEX_REAL_WORK_DIR: workDir = '' } = process.env;

await using engine = new HotPlex(camelKeys(JSON.parse(options) as object));
const run = (prompt: string): Turn => engine.execute({ sessionId: 'node', workDir, prompt });

assert.equal(await run('MODEL:text hello there').answer(), 'hello there');

const tool = run('MODEL:bash touch asked && echo hi-from-tool');
const request = await next(tool, 'permission_request');
assert.equal(request.tool.name, 'Bash');
request.allow();
const [result] = these(await all(tool), 'tool_result');
assert.match(result?.text ?? '', /hi-from-tool/);

const hanging = run('MODEL:hang 30\nMODEL:text never');
setTimeout(() => hanging.cancel(), 1000);
assert.equal((await hanging.wait()).outcome, 'cancelled');
