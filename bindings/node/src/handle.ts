/** An engine of the library: its functions with failures thrown as errors. */

import { Status, errorOf } from './status.js';
import { InvalidArgumentError } from './errors.js';
import type { HotPlexError } from './errors.js';
import type { Handle, Place, Symbols } from './symbols.js';

/** No engine: the guard's usual rules answer then. */
const NOBODY = 0;

export class EngineHandle {
  readonly #library: Symbols;
  #handle: Handle;
  /** Bytes of the line that did not fit when `drain` said `BUFFER_TOO_SMALL`. */
  readonly needed: Place<number> = [0];

  private constructor(library: Symbols, handle: Handle) {
    this.#library = library;
    this.#handle = handle;
  }

  static open(library: Symbols, options: string): EngineHandle {
    const out: Place<Handle> = [NOBODY];
    telling(library, (error) => library.engineNew(options, out, error));
    return new EngineHandle(library, out[0]);
  }

  prewarm(config: string, count: number): void {
    telling(this.#library, (error) => this.#library.prewarm(this.#handle, config, count, error));
  }

  /** The number of the turn. */
  execute(config: string, prompt: string): number {
    const text = Buffer.from(wellFormed('prompt', prompt));
    const turn: Place<number> = [0];
    telling(this.#library, (error) =>
      this.#library.execute(this.#handle, config, text, text.length, turn, error),
    );
    return turn[0];
  }

  respond(turn: number, requestId: string, decision: string): void {
    const request = withoutNul('requestId', requestId);
    telling(this.#library, (error) =>
      this.#library.respond(this.#handle, turn, request, decision, error),
    );
  }

  respondInSession(sessionId: string, requestId: string, decision: string): void {
    const session = withoutNul('sessionId', sessionId);
    const request = withoutNul('requestId', requestId);
    telling(this.#library, (error) =>
      this.#library.respondInSession(this.#handle, session, request, decision, error),
    );
  }

  /** A turn that cannot be cancelled is over, or its engine is. */
  cancel(turn: number): void {
    this.#library.cancel(this.#handle, turn);
  }

  /** A turn that is over has nothing to hold back. */
  pause(turn: number, paused: boolean): void {
    this.#library.turnPause(this.#handle, turn, Number(paused));
  }

  stopSession(sessionId: string, reason: string): void {
    const session = withoutNul('sessionId', sessionId);
    this.#check(this.#library.stopSession(this.#handle, session, withoutNul('reason', reason)));
  }

  sessionsJson(): string {
    const out: Place<string | null> = [null];
    this.#check(this.#library.sessionsJson(this.#handle, out));
    return out[0] ?? '[]';
  }

  statsJson(sessionId: string | null): string {
    const out: Place<string | null> = [null];
    const session = sessionId === null ? null : withoutNul('sessionId', sessionId);
    this.#check(this.#library.statsJson(this.#handle, session, out));
    return out[0] ?? '{}';
  }

  setGuard(guard: string): void {
    telling(this.#library, (error) => this.#library.setGuard(this.#handle, guard, error));
  }

  checkJson(context: string, text: string): string {
    return checkJson(this.#library, context, text, this.#handle);
  }

  /** How many bytes of lines were written, or a negative status. */
  drain(buffer: Buffer): number {
    return this.#library.drainJson(this.#handle, buffer, buffer.length, this.needed);
  }

  /** A descriptor of the caller's own. Without one an engine is of no use, and is freed. */
  descriptor(): number {
    const descriptor = this.#library.eventFd(this.#handle);
    if (descriptor >= 0) return descriptor;
    this.free();
    throw errorOf(descriptor, 'the process has no descriptors left for the events of an engine');
  }

  shutdown(graceMs: number): void {
    this.#check(this.#library.engineShutdown(this.#handle, graceMs));
  }

  /** The error for a status that `drain` gave. */
  errorOf(status: number): HotPlexError {
    return errorOf(status, this.#library.statusString(status));
  }

  /** Frees the engine with this thread, if that is ended from outside and gets no word in. */
  freeWithThread(): void {
    this.#check(this.#library.engineFreeWithThread(this.#handle));
  }

  /** After the end: frees the engine, and gives an error if a process of it could not be ended. */
  finish(): HotPlexError | undefined {
    const error: Place<string | null> = [null];
    const status = this.#library.engineFinish(this.#handle, error);
    return status < 0 ? errorOf(status, error[0] ?? this.#library.statusString(status)) : undefined;
  }

  /** Nothing is found under this handle any more. Called again it does nothing. */
  free(): void {
    this.#library.engineFree(this.#handle);
  }

  #check(status: number): number {
    if (status < 0) throw this.errorOf(status);
    return status;
  }
}

/** Asks an engine's guard, or without one the usual rules. */
export function checkJson(
  library: Symbols,
  context: string,
  text: string,
  engine: Handle = NOBODY,
): string {
  const bytes = Buffer.from(wellFormed('the text to check', text));
  const verdict: Place<string | null> = [null];
  const status = library.check(engine, context, bytes, bytes.length, verdict);
  if (status < 0 && status !== Status.BLOCKED) {
    throw errorOf(status, library.statusString(status));
  }
  return verdict[0] ?? '{}';
}

/** The agents that the library knows. */
export function providersJson(library: Symbols, timeoutMs: number): string {
  const listed: Place<string | null> = [null];
  const status = library.providers(timeoutMs, listed);
  if (status < 0) throw errorOf(status, library.statusString(status));
  return listed[0] ?? '[]';
}

/** For all engines of the process. */
export function logToDescriptor(library: Symbols, fd: number, level: string): void {
  const status = library.logToFd(fd, wellFormed('level', level));
  if (status < 0) throw errorOf(status, `no log: level ${level}, descriptor ${fd}`);
}

function telling(library: Symbols, call: (error: Place<string | null>) => number): void {
  const error: Place<string | null> = [null];
  const status = call(error);
  if (status < 0) throw errorOf(status, error[0] ?? library.statusString(status));
}

/** The library reads these up to their NUL, and would take another name for the one that is meant. */
function withoutNul(what: string, text: string): string {
  if (text.includes('\0')) throw new InvalidArgumentError(`${what} has a NUL`);
  return wellFormed(what, text);
}

const HALF_A_PAIR = /\p{Surrogate}/u;

/**
 * Half a surrogate pair is no Unicode. UTF-8 has no way to write it, and Node would write U+FFFD
 * instead: another text, or another session, than the one that was meant. In JSON it is escaped, and
 * refused by the library.
 */
function wellFormed(what: string, text: string): string {
  if (HALF_A_PAIR.test(text)) {
    throw new InvalidArgumentError(`${what} is not valid Unicode: it has half a surrogate pair`);
  }
  return text;
}
