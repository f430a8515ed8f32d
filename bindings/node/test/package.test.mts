/** What `npm pack` makes works where nothing else is: its library, its types, both kinds of import. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { AGENT, LIBRARY, PACKAGE, Stage } from './support.mjs';

function run(
  folder: string,
  command: string,
  args: string[],
  more: NodeJS.ProcessEnv = {},
): string {
  const { HOTPLEX_LIBRARY: _, ...inherited } = process.env;
  const options = { cwd: folder, env: { ...inherited, ...more }, encoding: 'utf8' } as const;
  const ran = spawnSync(command, args, options);
  assert.equal(ran.status, 0, `${command} ${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** The package's sources: packing builds them anew, and other tests use what is built here. */
function copied(stage: Stage): string {
  const folder = join(stage.folder, 'sources');
  const isBuilt = /\/(node_modules|dist|\.build|prebuilt)$/;
  cpSync(PACKAGE, folder, { recursive: true, filter: (path) => !isBuilt.test(path) });
  symlinkSync(join(PACKAGE, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** A folder with the package installed from its tarball, and nothing else. */
function installed(stage: Stage): string {
  const packed = run(copied(stage), 'npm', ['pack', '--json', '--pack-destination', stage.folder], {
    HOTPLEX_LIBRARY: LIBRARY,
  });
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[\n'))) as [{ filename: string }];
  const folder = join(stage.folder, 'empty');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const quietly = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  run(folder, 'npm', ['install', ...quietly, join(stage.folder, filename)]);
  return folder;
}

/** Compiles the README's example, and a CommonJS program, against the types that are installed. */
function compile(folder: string): void {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const [, example] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  assert.ok(example, 'the README has an example');
  writeFileSync(join(folder, 'example.mts'), example);
  writeFileSync(join(folder, 'common.cts'), COMMON);
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    types: ['node'],
    typeRoots: [join(PACKAGE, 'node_modules/@types')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  run(folder, join(PACKAGE, 'node_modules/.bin/tsc'), []);
}

const COMMON = `
import hotplex = require('hotplex');
const sessions: hotplex.SessionInfo[] = new hotplex.HotPlex().sessions();
console.log(sessions.length);`;

const BOTH = `
import { HotPlex } from 'hotplex';
import { createRequire } from 'node:module';
console.log(createRequire(import.meta.url)('hotplex').HotPlex === HotPlex);`;

test('the tarball installs in an empty folder and runs the example of the README', (t) => {
  const stage = new Stage(t);
  const folder = installed(stage);
  compile(folder);
  const bin = join(stage.folder, 'bin');
  mkdirSync(bin);
  symlinkSync(AGENT, join(bin, 'claude'));
  const env = { PATH: `${bin}:${process.env.PATH}`, XDG_STATE_HOME: stage.folder };
  const said = run(folder, process.execPath, ['example.mjs'], env);
  assert.match(
    said,
    /^echo: What does this project do\?\ncompleted \d+ ms\necho: Run its tests\.\ncompleted \d+ ms\n$/,
  );
  assert.equal(run(folder, process.execPath, ['common.cjs'], env), '0\n');
  assert.equal(run(folder, process.execPath, ['--input-type=module', '-e', BOTH]), 'true\n');
});
