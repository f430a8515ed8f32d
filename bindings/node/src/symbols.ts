/**
 * The functions of `hotplex.h`, declared for koffi.
 *
 * Plain synchronous calls only, and none that waits: callbacks from foreign threads, koffi's `.async`
 * and its poll were each seen to crash or hang Node 20 (SIGABRT at the end of a worker, a deadlock in
 * `close`, `process.exit` that never came).
 */

import * as koffi from 'koffi';

/** An engine's handle. Not an address: the library tells a stale one apart. */
export type Handle = number | bigint;

/** A place that a function writes to. Strings are copied into it and freed at once. */
export type Place<T> = [T];

export interface Symbols {
  version(): string;
  abiVersion(): number;
  statusString(status: number): string;
  logToFd(fd: number, level: string): number;
  engineNew(options: string, out: Place<Handle>, error: Place<string | null>): number;
  engineShutdown(engine: Handle, graceMs: number): number;
  engineFree(engine: Handle): void;
  engineFinish(engine: Handle, error: Place<string | null>): number;
  engineFreeWithThread(engine: Handle): number;
  prewarm(engine: Handle, config: string, count: number, error: Place<string | null>): number;
  execute(
    engine: Handle,
    config: string,
    prompt: Uint8Array,
    length: number,
    turn: Place<number>,
    error: Place<string | null>,
  ): number;
  respond(
    engine: Handle,
    turn: number,
    request: string,
    decision: string,
    error: Place<string | null>,
  ): number;
  respondInSession(
    engine: Handle,
    session: string,
    request: string,
    decision: string,
    error: Place<string | null>,
  ): number;
  cancel(engine: Handle, turn: number): number;
  turnPause(engine: Handle, turn: number, paused: number): number;
  stopSession(engine: Handle, session: string, reason: string): number;
  sessionsJson(engine: Handle, out: Place<string | null>): number;
  statsJson(engine: Handle, session: string | null, out: Place<string | null>): number;
  check(
    engine: Handle,
    context: string,
    text: Uint8Array,
    length: number,
    verdict: Place<string | null>,
  ): number;
  setGuard(engine: Handle, guard: string, error: Place<string | null>): number;
  providers(timeoutMs: number, out: Place<string | null>): number;
  drainJson(engine: Handle, buffer: Uint8Array, size: number, needed: Place<number>): number;
  eventFd(engine: Handle): number;
}

/** Finds every function of the interface; throws if one is missing. */
export function bind(library: koffi.LibraryHandle): Symbols {
  const free = library.func('hotplex_string_free', 'void', ['void *']);
  const given = koffi.out(koffi.pointer(koffi.disposable('str', free)));
  const handleOut = koffi.out(koffi.pointer('uintptr_t'));
  const bytes = 'uint8_t *';
  const engine = 'uintptr_t';
  const status = 'int32_t';
  return {
    version: library.func('hotplex_version', 'str', []),
    abiVersion: library.func('hotplex_abi_version', 'uint32_t', []),
    statusString: library.func('hotplex_status_string', 'str', ['int32_t']),
    logToFd: library.func('hotplex_log_to_fd', status, ['int32_t', 'str']),
    engineNew: library.func('hotplex_engine_new', status, ['str', handleOut, given]),
    engineShutdown: library.func('hotplex_engine_shutdown', status, [engine, 'int32_t']),
    engineFree: library.func('hotplex_engine_free', 'void', [engine]),
    engineFinish: library.func('hotplex_engine_finish', status, [engine, given]),
    engineFreeWithThread: library.func('hotplex_engine_free_with_thread', status, [engine]),
    prewarm: library.func('hotplex_prewarm', status, [engine, 'str', 'uint32_t', given]),
    execute: library.func('hotplex_execute', status, [
      engine,
      'str',
      bytes,
      'size_t',
      koffi.out(koffi.pointer('uint64_t')),
      given,
    ]),
    respond: library.func('hotplex_respond', status, [engine, 'uint64_t', 'str', 'str', given]),
    respondInSession: library.func('hotplex_respond_in_session', status, [
      engine,
      'str',
      'str',
      'str',
      given,
    ]),
    cancel: library.func('hotplex_cancel', status, [engine, 'uint64_t']),
    turnPause: library.func('hotplex_turn_pause', status, [engine, 'uint64_t', 'int32_t']),
    stopSession: library.func('hotplex_stop_session', status, [engine, 'str', 'str']),
    sessionsJson: library.func('hotplex_sessions_json', status, [engine, given]),
    statsJson: library.func('hotplex_stats_json', status, [engine, 'str', given]),
    check: library.func('hotplex_check', status, [engine, 'str', bytes, 'size_t', given]),
    setGuard: library.func('hotplex_set_guard', status, [engine, 'str', given]),
    providers: library.func('hotplex_providers', status, ['int32_t', given]),
    drainJson: library.func('hotplex_drain_json', 'int64_t', [
      engine,
      bytes,
      'size_t',
      koffi.out(koffi.pointer('size_t')),
    ]),
    eventFd: library.func('hotplex_event_fd', status, [engine]),
  };
}
