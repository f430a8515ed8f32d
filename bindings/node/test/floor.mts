/** The same turns without this package's work: the library's blocking calls, as a C program makes them. */

import * as koffi from 'koffi';

import { openLibrary } from '#dist/library';
import { engineJson, turnJson } from '#dist/options';
import type { EngineOptions } from '#dist/options';
import type { Handle, Symbols } from '#dist/symbols';
import { LIBRARY } from './support.mjs';

const TURN_END = 10;
const BATCH = 256;

type NextEvents = (engine: Handle, events: BigUint64Array, most: number, timeout: number) => number;
type EventToNumber = (event: bigint | undefined) => number;

const library = koffi.load(LIBRARY);
const nextEvents: NextEvents = library.func('hotplex_next_events', 'int32_t', [
  'uintptr_t',
  'void *',
  'size_t',
  'int32_t',
]);
const typeOf: EventToNumber = library.func('hotplex_event_get_type', 'int32_t', ['uintptr_t']);
const freeEvent = library.func('hotplex_event_free', 'void', ['uintptr_t']);

export class Floor {
  readonly #symbols: Symbols = openLibrary(LIBRARY);
  readonly #engine: Handle;
  readonly #turn: string;
  readonly #events = new BigUint64Array(BATCH);

  constructor(options: EngineOptions, workDir: string) {
    const out: [Handle] = [0];
    this.#symbols.engineNew(engineJson(options), out, [null]);
    this.#engine = out[0];
    this.#turn = turnJson({ sessionId: 'floor', workDir });
  }

  /** Runs a turn to its end, blocking this thread; how many events it had. */
  run(prompt: string): number {
    const text = Buffer.from(prompt);
    this.#symbols.execute(this.#engine, this.#turn, text, text.length, [0], [null]);
    for (let events = 0; ;) {
      const count = nextEvents(this.#engine, this.#events, BATCH, -1);
      events += count;
      if (this.#free(count) === TURN_END) return events;
    }
  }

  free(): void {
    this.#symbols.engineFree(this.#engine);
  }

  /** The type of the last. */
  #free(count: number): number {
    const last = typeOf(this.#events[count - 1]);
    for (let index = 0; index < count; index += 1) freeEvent(this.#events[index]);
    return last;
  }
}
