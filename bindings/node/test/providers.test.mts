/** Providers say where their programs are, and which they are. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { providers } from 'hotplex';

import { PATIENCE_MS } from './support.mjs';

test('a program that is there says its version if there is time, and is not started without', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hotplex-node-'));
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });
  const program = join(folder, 'claude');
  writeFileSync(program, "#!/bin/sh\necho '4.5.6 (Claude Code)'\n");
  chmodSync(program, 0o755);
  process.env.PATH = folder;

  for (const [timeoutMs, version] of [[PATIENCE_MS, '4.5.6'], [0, null]] as const) {
    const listed = new Map(providers({ timeoutMs }).map((one) => [one.name, one]));
    const claude = listed.get('claude-code');
    assert.deepEqual([claude?.program, claude?.version], [program, version]);
    assert.equal(claude?.capabilities.gate, 'every_call');
    assert.deepEqual(listed.get('codex')?.lookedAt, [join(folder, 'codex')]);
  }
});
