/**
 * Takes the events of an engine when its descriptor says that there are some, and hands them to
 * their turns.
 *
 * Nothing here refers to the `HotPlex` of the caller, so that one that is forgotten can be found.
 */

import { Socket } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';

import { ClosedError, InternalError } from './errors.js';
import type { HotPlexError } from './errors.js';
import type { HotPlexEvent } from './events.js';
import type { EngineHandle } from './handle.js';
import { readEvent } from './reading.js';
import { Status } from './status.js';

/** What is taken before the rest of the program has its turn: without a bound aborts come too late. */
const BYTES_A_TICK = 256 * 1024;

/** One for all engines of the thread: what is drained is read at once. */
let shared: Buffer | undefined;

/** What gets the events of one turn. */
interface Receiver {
  readonly id: number;
  receive(event: HotPlexEvent, size: number): void;
  settle(): void;
  lose(error: HotPlexError): void;
}

export class Pump {
  readonly handle: EngineHandle;
  readonly #socket: Socket;
  readonly #turns = new Map<number, Receiver>();
  /** Turns whose events are held back do not hold the process. */
  readonly #held = new Set<Receiver>();
  readonly #onBackground: ((event: HotPlexEvent) => void) | undefined;
  #closing = false;
  #over = false;
  #again: NodeJS.Immediate | undefined;
  #tellClosed!: () => void;
  /** Settles when the engine has ended. */
  readonly #closed = new Promise<void>((resolve) => (this.#tellClosed = resolve));
  /** Why something of the engine is left. */
  #leftBehind: HotPlexError | undefined;

  constructor(handle: EngineHandle, onBackground?: (event: HotPlexEvent) => void) {
    this.handle = handle;
    this.#onBackground = onBackground;
    this.#socket = watch(handle.descriptor(), () => this.#wake());
    this.#socket.on('end', () => this.#wake());
    this.#socket.on('error', (error) => this.#end(new InternalError('internal', error.message)));
    this.#socket.unref();
  }

  get isOver(): boolean {
    return this.#over;
  }

  add(turn: Receiver): void {
    this.#turns.set(turn.id, turn);
    this.#hold();
  }

  pause(turn: Receiver, paused: boolean): void {
    if (paused) this.#held.add(turn);
    else this.#held.delete(turn);
    this.handle.pause(turn.id, paused);
    this.#hold();
  }

  /** Begins to close, or shortens the grace. */
  async close(graceMs: number): Promise<void> {
    if (!this.#over) {
      this.#closing = true;
      this.#hold();
      this.handle.shutdown(graceMs);
    }
    await this.#closed;
    if (this.#leftBehind) throw this.#leftBehind;
  }

  /** Nobody can ask for anything any more: the library closes in the background. */
  abandon(): void {
    if (!this.#over) this.#end(new ClosedError('the engine was not referred to any more'));
  }

  /** The process stays while something comes that somebody waits for. */
  #hold(): void {
    const awaited = this.#turns.size > this.#held.size;
    if (awaited || this.#closing) this.#socket.ref();
    else this.#socket.unref();
  }

  #wake(): void {
    if (!this.#again) this.#take();
  }

  #take(): void {
    this.#again = undefined;
    let taken = 0;
    while (!this.#over && taken < BYTES_A_TICK) {
      const bytes = this.#drain();
      if (bytes < 0) return this.#stop(bytes);
      taken += bytes;
    }
    if (!this.#over) this.#again = setImmediate(() => this.#take());
  }

  /** Hands on what fits into the buffer. */
  #drain(): number {
    let buffer = (shared ??= Buffer.allocUnsafeSlow(BYTES_A_TICK));
    let bytes = this.handle.drain(buffer);
    if (bytes === Status.BUFFER_TOO_SMALL) {
      buffer = Buffer.allocUnsafeSlow(this.handle.needed[0]);
      bytes = this.handle.drain(buffer);
    }
    if (bytes > 0) this.#handOut(buffer.toString('utf8', 0, bytes - 1).split('\n'));
    return bytes;
  }

  #handOut(lines: string[]): void {
    const behind = new Set<Receiver>();
    for (const line of lines) {
      const event = readEvent(line);
      const turn = this.#turns.get(event.turn);
      turn?.receive(event, line.length);
      if (turn) behind.add(turn);
      if (event.turn === 0) this.#handBackground(event);
      if (event.type === 'turn_end') this.#forget(event.turn);
    }
    for (const turn of behind) turn.settle();
  }

  /** Later: what the caller throws is the caller's, and must not cost anybody an event. */
  #handBackground(event: HotPlexEvent): void {
    const hand = this.#onBackground;
    if (hand) queueMicrotask(() => hand(event));
  }

  #forget(id: number): void {
    const turn = this.#turns.get(id);
    if (!turn) return;
    this.#turns.delete(id);
    this.#held.delete(turn);
    this.#hold();
  }

  #stop(status: number): void {
    if (status === Status.TIMEOUT) return;
    if (status === Status.CLOSED) {
      this.#leftBehind = this.handle.finish();
      this.#end(new ClosedError('the engine was closed'));
    } else this.#end(this.handle.errorOf(status));
  }

  #end(error: HotPlexError): void {
    this.#over = true;
    if (this.#again) clearImmediate(this.#again);
    this.handle.free();
    this.#socket.destroy();
    for (const turn of this.#turns.values()) turn.lose(error);
    this.#turns.clear();
    this.#held.clear();
    this.#tellClosed();
  }
}

/**
 * Reads into a buffer of its own: by default a socket allocates 64 KiB for each wake, which is a
 * fifth of the time of a short turn (measured: 44 us without it, 36 with it).
 */
function watch(fd: number, wake: () => void): Socket {
  const onread = { buffer: Buffer.alloc(64), callback: () => (wake(), true) };
  const socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread,
  } as SocketConstructorOpts);
  return socket.resume();
}
