/** A turn: its events for the caller, at the caller's pace. */

import { onAbort } from './aborting.js';
import { Backlog } from './backlog.js';
import { HotPlexError, NotFoundError, TurnError } from './errors.js';
import type { HotPlexEvent, PermissionRequest, TurnEnd } from './events.js';
import type { Decision, ExecuteOptions } from './options.js';
import type { Pump } from './pump.js';
import { askable } from './question.js';

type Result = IteratorResult<HotPlexEvent, undefined>;

/** Over this many characters of JSON that wait for the reader the library holds the turn back. */
const MOST = 256 * 1024;

/** What a turn asks of its engine. */
interface Responder {
  respond(turn: number, requestId: string, decision: Decision): void;
}

/**
 * A turn that was accepted: an async iterator over its events, up to exactly one `turn_end`.
 *
 * To leave the loop early cancels the turn. Until it is read to the end, a turn whose events pile
 * up pauses its own agent and no other.
 */
export class Turn<Engine extends Responder> implements AsyncIterableIterator<HotPlexEvent, undefined> {
  /** The number of the turn, unique within the engine. */
  readonly id: number;
  readonly sessionId: string;
  /** The engine that runs it. A turn keeps its engine: one that nobody refers to is closed. */
  readonly engine: Engine;

  readonly #pump: Pump;
  readonly #events = new Backlog();
  readonly #onPermission: ExecuteOptions['onPermission'];
  readonly #forgetSignal: (() => void) | undefined;
  #ended = false;
  #paused = false;

  /** @internal Made by `HotPlex.execute`. */
  constructor(id: number, engine: Engine, pump: Pump, options: ExecuteOptions) {
    this.id = id;
    this.sessionId = options.sessionId;
    this.engine = engine;
    this.#pump = pump;
    this.#onPermission = options.onPermission;
    const { signal } = options;
    this.#forgetSignal = signal && onAbort(signal, () => this.#fail(signal.reason));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next event; rejects once with the reason if the turn's signal was aborted. */
  next(): Promise<Result> {
    const next = this.#events.take();
    if (this.#paused && this.#events.size < MOST / 2) this.#pause(false);
    return next;
  }

  /** Called by the loop that is left early: cancels the turn and forgets what still comes. */
  return(): Promise<Result> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The same as `return`, and rejects with the error. */
  throw(error: unknown): Promise<Result> {
    this.#leave();
    return Promise.reject(error);
  }

  /** The same as `return`: `await using turn = engine.execute(...)`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
    return Promise.resolve();
  }

  /** Interrupts the agent. The turn ends, as `cancelled` unless it is over, and its session goes on. */
  cancel(): void {
    if (!this.#ended) this.#pump.handle.cancel(this.id);
  }

  /** Answers a permission request. Throws a `NotFoundError` if it is not open any more. */
  respond(requestId: string, decision: Decision): void {
    this.engine.respond(this.id, requestId, decision);
  }

  /** Takes all that is left and gives the last event. */
  async wait(): Promise<TurnEnd> {
    for await (const event of this) {
      if (event.type === 'turn_end') return event;
    }
    throw new NotFoundError('the end of the turn was taken already');
  }

  /** Takes all that is left and gives the answer; rejects with a `TurnError` unless it completed. */
  async answer(): Promise<string> {
    let answer = '';
    for await (const event of this) {
      if (event.type === 'answer') answer += event.text;
      if (event.type === 'turn_end' && event.outcome !== 'completed') throw new TurnError(event);
    }
    return answer;
  }

  /** @internal An event of this turn, read from so many characters. */
  receive(event: HotPlexEvent, size: number): void {
    if (event.type === 'turn_end') return this.#receiveEnd(event, size);
    if (event.type === 'permission_request') askable(event, this);
    this.#events.put(event, size);
    if (event.type === 'permission_request') this.#ask(event);
  }

  /** @internal After a batch of events: holds the turn back if its reader is behind. */
  settle(): void {
    if (!this.#paused && this.#events.size > MOST) this.#pause(true);
  }

  /** @internal The engine is gone, and no end of this turn will come. */
  lose(error: HotPlexError): void {
    this.#finish();
    this.#events.fail(error);
  }

  #receiveEnd(event: TurnEnd, size: number): void {
    this.#finish();
    this.#events.put(event, size);
    this.#events.end();
  }

  #finish(): void {
    this.#ended = true;
    this.#forgetSignal?.();
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    if (!this.#ended) this.#pump.pause(this, paused);
  }

  /** The agent has to let go, and nobody reads what it says until then. */
  #leave(): void {
    this.#events.discard();
    this.#events.end();
    this.#release();
  }

  #fail(error: unknown): void {
    this.#events.fail(error);
    this.#release();
  }

  #release(): void {
    if (this.#paused) this.#pause(false);
    this.cancel();
  }

  #ask(request: PermissionRequest): void {
    const decide = this.#onPermission;
    if (!decide) return;
    const answered = Promise.resolve(request)
      .then(decide)
      .then((decision) => this.#answer(request, decision));
    // Nobody decided: the question is withdrawn with the turn, and whoever reads that hears why.
    answered.catch((error: unknown) => this.#fail(error));
  }

  #answer(request: PermissionRequest, decision: Decision): void {
    try {
      this.respond(request.requestId, decision);
    } catch (error) {
      // Withdrawn, timed out, or the turn is over: nobody waits for the answer any more.
      if (!(error instanceof NotFoundError) && !this.#ended) throw error;
    }
  }
}
