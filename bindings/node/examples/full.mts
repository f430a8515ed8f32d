/**
 * The life of a conversation: approvals and a time limit, a restart of the program, an explicit
 * stop, and figures at the end.
 *
 *     npm run example full -- [--provider NAME] [--program PATH] [PROMPT [PROMPT]]
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HotPlex, HotPlexError } from 'hotplex';
import type { Decision, HotPlexEvent, PermissionRequest } from 'hotplex';

import { agent, prompts } from './agent.mjs';

const [first = 'Remember the number 42.', second = 'Which number was it?'] = prompts;
const workDir = mkdtempSync(join(tmpdir(), 'hotplex-full-'));
const sessionId = 'full';

/** Reading is fine; anything else would be asked on a screen in a real program. */
function decide(request: PermissionRequest): Decision {
  if (['Read', 'Glob', 'Grep'].includes(request.tool.name)) return { behavior: 'allow' };
  return { behavior: 'deny', message: 'reading only, please' };
}

function show(event: HotPlexEvent): void {
  if (event.type === 'session_start')
    console.log(event.resumed ? '  resumed' : '  a new conversation');
  if (event.type === 'answer') console.log(event.text);
  if (event.type === 'danger_block') console.log(`  blocked: ${event.reason}`);
  if (event.type === 'turn_end')
    console.log(`  ${event.outcome}, ${event.stats.totalTokens} tokens`);
}

async function turn(engine: HotPlex, prompt: string): Promise<void> {
  console.log(`> ${prompt}`);
  const signal = AbortSignal.timeout(120_000);
  const request = { sessionId, workDir, prompt, signal, onPermission: decide };
  for await (const event of engine.execute(request)) show(event);
}

/** What a program would do in one of its lives. */
async function life(prompt: string, last: (engine: HotPlex) => void = () => {}): Promise<void> {
  await using engine = new HotPlex({
    ...agent,
    namespace: 'full-example',
    baseSystemPrompt: 'Answer briefly.',
  });
  await turn(engine, prompt);
  last(engine);
}

try {
  await life(first);
  console.log('The program starts again.');
  await life(second, (engine) => {
    const { turns, totalDurationMs, totalCostUsd } = engine.stats(sessionId);
    console.log(`${turns} turn in ${totalDurationMs} ms for ${totalCostUsd} dollars`);
    engine.stopSession(sessionId, 'signed out');
    console.log(`${engine.stats().turnsCompleted} completed, stopped`);
  });
} catch (error) {
  if (!(error instanceof HotPlexError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
