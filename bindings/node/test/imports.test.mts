/** No file of the package imports itself by way of others: each can be understood from below. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { PACKAGE } from './support.mjs';

type Imports = Map<string, string[]>;

function imported(source: string): string[] {
  const found = source.matchAll(/^(?:import|export)\s[^;]*?['"]\.\/([\w-]+)\.m?js['"]/gm);
  return [...found].map((match) => match[1] ?? '');
}

/** The files that lead back to themselves. */
function circles(imports: Imports): string[] {
  const leadsBack = (start: string): boolean => {
    const seen = new Set<string>();
    const open = [...(imports.get(start) ?? [])];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (file === start) return true;
      if (!seen.has(file)) open.push(...(imports.get(file) ?? []));
      seen.add(file);
    }
    return false;
  };
  return [...imports.keys()].filter(leadsBack).sort();
}

test('no file is in a circle of imports', () => {
  const folder = join(PACKAGE, 'src');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const imports: Imports = new Map();
  for (const name of files) {
    const file = name.replace(/\.ts$/, '');
    imports.set(file, imported(readFileSync(join(folder, name), 'utf8')));
  }
  assert.ok([...imports.values()].flat().length > 30, 'the imports were found');
  assert.deepEqual(circles(imports), []);
});

test('a circle of imports is found', () => {
  const sources: [string, string][] = [
    ['a', "import { b } from './b.js';"],
    ['b', "import type {\n  C,\n} from './c.js';"],
    ['c', "export { a } from './a.js';"],
    ['d', "import './a.js';"],
  ];
  const imports: Imports = new Map(sources.map(([file, source]) => [file, imported(source)]));
  assert.deepEqual(circles(imports), ['a', 'b', 'c']);
});
