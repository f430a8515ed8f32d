/** The engine, as callers see it. */

import './disposing.js';
import { isMainThread } from 'node:worker_threads';

import { ClosedError } from './errors.js';
import type {
  EngineStats,
  HotPlexEvent,
  Provider,
  SessionInfo,
  SessionStats,
  Verdict,
} from './events.js';
import { EngineHandle, checkJson as askRules, logToDescriptor, providersJson } from './handle.js';
import { openLibrary } from './library.js';
import { checkJson, decisionJson, engineJson, guardJson, turnJson, warmUpJson } from './options.js';
import type {
  CheckContext,
  Decision,
  EngineOptions,
  ExecuteOptions,
  GuardOptions,
  WarmUp,
} from './options.js';
import { Pump } from './pump.js';
import {
  readEngineStats,
  readProviders,
  readSessionStats,
  readSessions,
  readVerdict,
} from './reading.js';
import { Turn as TurnOf } from './turn.js';

/** A turn of a `HotPlex`. */
export type Turn = TurnOf<HotPlex>;

/** Options of an engine, and what only this package knows. */
export interface HotPlexOptions extends EngineOptions {
  /** Path of `libhotplex.so`. Default: `HOTPLEX_LIBRARY`, else the one of the package. */
  library?: string | undefined;
  /** Gets what agents do when nobody asked, such as the end of a background task. */
  onBackground?: ((event: HotPlexEvent) => void) | undefined;
}

/** Closes engines that nobody refers to. */
const forgotten = new FinalizationRegistry<Pump>((pump) => pump.abandon());

/**
 * A pool of agents that are kept alive.
 *
 * Calls return at once. An engine holds the process only while turns run; when the process ends, so
 * do its agents. An instance belongs to the thread that made it; other threads make their own.
 */
export class HotPlex {
  readonly #handle: EngineHandle;
  readonly #pump: Pump;

  /** Checks the options and finds the agent's program; no agent is started yet. */
  constructor(options: HotPlexOptions = {}) {
    const { library, onBackground, ...engine } = options;
    this.#handle = EngineHandle.open(openLibrary(library), engineJson(engine));
    // A worker may be terminated without a word, and the process goes on without it.
    if (!isMainThread) this.#handle.freeWithThread();
    this.#pump = new Pump(this.#handle, onBackground);
    forgotten.register(this, this.#pump, this);
  }

  /**
   * Sends a prompt into its session and gives the turn's events. A prompt that is refused throws at
   * once, and there is no turn: `BlockedError`, `BusyError`, `InvalidArgumentError`, `ClosedError`.
   */
  execute(options: ExecuteOptions): Turn {
    const { prompt, signal, onPermission: _, ...config } = options;
    signal?.throwIfAborted();
    const id = this.#live().execute(turnJson(config), prompt);
    const turn = new TurnOf<HotPlex>(id, this, this.#pump, options);
    this.#pump.add(turn);
    return turn;
  }

  /** Starts spare agents that new sessions with the same work directory and model may take. */
  prewarm(config: WarmUp, count = 1): void {
    this.#live().prewarm(warmUpJson(config), count);
  }

  /** Answers a permission request of a turn, from wherever it was read. */
  respond(turn: number, requestId: string, decision: Decision): void {
    this.#live().respond(turn, requestId, decisionJson(decision));
  }

  /**
   * Answers a permission request by its session: the way to answer one of no turn, which comes to
   * `onBackground`. Agents ask so for what they do in the background.
   */
  respondInSession(sessionId: string, requestId: string, decision: Decision): void {
    this.#live().respondInSession(sessionId, requestId, decisionJson(decision));
  }

  /** Stops a session: its turns end as `stopped`. The next prompt takes the conversation up again. */
  stopSession(sessionId: string, reason = ''): void {
    this.#live().stopSession(sessionId, reason);
  }

  /** What the pool holds now. */
  sessions(): SessionInfo[] {
    return readSessions(this.#live().sessionsJson());
  }

  /** What the engine has done, or with an id, what that session has done. */
  stats(): EngineStats;
  stats(sessionId: string): SessionStats;
  stats(sessionId?: string): EngineStats | SessionStats {
    if (sessionId === undefined) return readEngineStats(this.#live().statsJson(null));
    return readSessionStats(this.#live().statsJson(sessionId));
  }

  /**
   * Puts another guard in place of the engine's, from the next prompt and the next call of a tool
   * on. What is left out has its default; the audit file stays the one of the start.
   */
  setGuard(guard: GuardOptions): void {
    this.#live().setGuard(guardJson(guard));
  }

  /** Asks this engine's guard about a text without sending it anywhere. */
  check(text: string, context: CheckContext): Verdict {
    return readVerdict(this.#live().checkJson(checkJson(context), text));
  }

  /**
   * Ends everything: turns end as `stopped`, agents get `graceMs` to end by themselves (default:
   * `killGraceMs`). Settles when nothing is left; rejects with an `InternalError` that names the
   * processes that could not be ended. Called again it can only shorten the grace.
   */
  close(options: { graceMs?: number } = {}): Promise<void> {
    forgotten.unregister(this);
    return this.#pump.close(options.graceMs ?? -1);
  }

  /** The same as `close()`: `await using engine = new HotPlex()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The library would call it misuse, and it is an ordinary thing to find an engine closed. */
  #live(): EngineHandle {
    if (this.#pump.isOver) throw new ClosedError('the engine is closed');
    return this.#handle;
  }
}

/** Asks the guard's usual rules about a text. */
export function check(text: string, context: CheckContext): Verdict {
  return readVerdict(askRules(openLibrary(), checkJson(context), text));
}

/**
 * The agents that the library knows. By itself this looks at files and starts nothing. With a
 * `timeoutMs` the programs that are there are asked for their versions, all at once, and the thread
 * waits for up to so long: for a program that starts, not for a server at work.
 */
export function providers(options: { timeoutMs?: number } = {}): Provider[] {
  return readProviders(providersJson(openLibrary(), options.timeoutMs ?? 0));
}

/** What a log line may be at least. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Has the library write the log of all engines of this process to a descriptor, a line each. */
export function logTo(fd: number, level: LogLevel): void {
  logToDescriptor(openLibrary(), fd, level);
}

/** The version of the library. */
export function version(): string {
  return openLibrary().version();
}
