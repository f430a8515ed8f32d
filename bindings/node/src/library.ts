/** The shared library: where it is looked for, and how it is opened. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import * as koffi from 'koffi';

import { LibraryMissingError } from './errors.js';
import { bind } from './symbols.js';
import type { Symbols } from './symbols.js';

/** The interface that `symbols` declares. */
export const ABI_VERSION = 0;

const PACKAGE = resolve(__dirname, '..');

/** Opened libraries by path: each engine of a path uses the same functions. */
const opened = new Map<string, Symbols>();

/** Opens the library that is named, by the caller or by `HOTPLEX_LIBRARY`, or else the one found. */
export function openLibrary(named?: string): Symbols {
  const path = named || process.env.HOTPLEX_LIBRARY || find();
  let symbols = opened.get(path);
  if (!symbols) {
    symbols = load(path);
    opened.set(path, symbols);
  }
  return symbols;
}

/** First the one that the package brings, then the one that a checkout has built. */
function find(): string {
  const places = [
    join(PACKAGE, 'prebuilt', `${process.platform}-${process.arch}`, 'libhotplex.so'),
    resolve(PACKAGE, '../../target/release/libhotplex.so'),
  ];
  const found = places.find((place) => existsSync(place));
  if (found) return found;
  throw new LibraryMissingError(
    `libhotplex.so is neither ${places.join(' nor ')}: ` +
      'build it with `cargo build --release` and name it in HOTPLEX_LIBRARY or the option `library`',
  );
}

function load(path: string): Symbols {
  let symbols: Symbols;
  try {
    symbols = bind(koffi.load(path));
  } catch (error) {
    throw new LibraryMissingError(`${path} cannot be loaded: ${(error as Error).message}`);
  }
  const version = symbols.abiVersion();
  if (version === ABI_VERSION) return symbols;
  throw new LibraryMissingError(
    `${path} has the interface ${version}, and this package needs ${ABI_VERSION}`,
  );
}
