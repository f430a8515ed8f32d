/**
 * One session, several turns. The first starts an agent; the others find it hot.
 *
 *     npm run example basic -- [--provider NAME] [--program PATH] [PROMPT...]
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HotPlex } from 'hotplex';

import { agent, prompts as given } from './agent.mjs';

const workDir = mkdtempSync(join(tmpdir(), 'hotplex-basic-'));
const usual = ['Say hello in three words.', 'Now in French.', 'What did I ask first?'];
const prompts = given.length > 0 ? given : usual;

await using engine = new HotPlex({ ...agent, namespace: 'basic-example' });

for (const prompt of prompts) {
  console.log(`> ${prompt}`);
  for await (const event of engine.execute({ sessionId: 'basic', workDir, prompt })) {
    switch (event.type) {
      case 'session_start':
        console.log(`  agent ${event.pid} with ${event.model}`);
        break;
      case 'answer':
        console.log(event.text);
        break;
      case 'tool_use':
        console.log(`  uses ${event.tool.name}: ${event.tool.summary}`);
        break;
      case 'turn_end':
        console.log(`  ${event.outcome} in ${event.stats.totalDurationMs} ms`);
    }
  }
}
