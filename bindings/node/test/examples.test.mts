/** The examples do what they say, run as a user runs them with the agent found on the path. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { AGENT, LIBRARY, PACKAGE, Stage } from './support.mjs';

function example(stage: Stage, name: string, ...prompts: string[]): string {
  const names = ['bin', 'temporary', 'home'];
  const folders = names.map((folder) => join(stage.folder, folder));
  const [bin, temporary, home] = folders as [string, string, string];
  for (const folder of folders) mkdirSync(folder);
  symlinkSync(AGENT, join(bin, 'claude'));
  const [mark, value] = stage.mark.split('=') as [string, string];
  const { HOTPLEX_LIBRARY: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    [mark]: value,
    HOTPLEX_LIBRARY: LIBRARY,
    PATH: `${bin}:${process.env.PATH}`,
    // In the work directory, where its jail lets it write.
    STAND_IN_STORE: '.',
    TMPDIR: temporary,
    XDG_STATE_HOME: home,
  };
  const options = { cwd: stage.folder, env, encoding: 'utf8', timeout: 60_000 } as const;
  const ran = spawnSync(
    process.execPath,
    [join(PACKAGE, `.build/examples/${name}.mjs`), ...prompts],
    options,
  );
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  return ran.stdout;
}

test('basic: several turns in one session with one agent', async (t) => {
  const stage = new Stage(t);
  const said = example(stage, 'basic');
  assert.equal(said.match(/agent \d+ with/g)?.length, 1, said);
  assert.equal(said.match(/completed in \d+ ms/g)?.length, 3, said);
  assert.match(said, /echo: Say hello/);
  await stage.assertNothingIsLeft();
});

test('another provider, named by an argument or by a variable, and another program', async (t) => {
  for (const named of [['--provider', 'codex'], []]) {
    const stage = new Stage(t);
    const program = join(stage.folder, 'speaks-codex');
    writeFileSync(program, `#!/bin/sh\nexec '${AGENT}' --speak codex "$@"\n`, { mode: 0o700 });
    if (named.length === 0) process.env.HOTPLEX_PROVIDER = 'codex';
    t.after(() => delete process.env.HOTPLEX_PROVIDER);
    const said = example(stage, 'basic', ...named, '--program', program, 'one', 'two');
    assert.match(said, /echo: one[^]*echo: two/);
    await stage.assertNothingIsLeft();
  }
});

test('full: the conversation survives a restart, and a stop ends it', async (t) => {
  const stage = new Stage(t);
  const said = example(stage, 'full', '!tool Edit {"file_path":"x"}\n!text remembered', 'history');
  assert.match(said, /a new conversation[^]*remembered[^]*starts again[^]*resumed[^]*history: 1/);
  assert.match(said, /1 turn in \d+ ms for [\d.]+ dollars\n1 completed, stopped\n$/);
  await stage.assertNothingIsLeft();
});
