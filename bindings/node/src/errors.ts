/** What can go wrong: one class for each kind, each with a `code` for programs. */

import type { TurnEnd } from './events.js';
import type { Outcome } from './words.js';

/** What kind of failure it is; the kinds of `turn_end` events are among them. */
export type ErrorCode =
  | 'invalid_argument'
  | 'not_found'
  | 'blocked'
  | 'busy'
  | 'in_use'
  | 'closed'
  | 'timed_out'
  | 'spawn_failed'
  | 'agent_failed'
  | 'crashed'
  | 'cancelled'
  | 'stopped'
  | 'misuse'
  | 'internal'
  | 'library_missing';

/** Any failure of hotplex. The message is one line for a person. */
export class HotPlexError extends Error {
  /** What kind of failure it is, for programs. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Something that can never work: an unknown option, a bad work directory. */
export class InvalidArgumentError extends HotPlexError {
  constructor(message: string) {
    super('invalid_argument', message);
  }
}

/** The engine is closed or closing. */
export class ClosedError extends HotPlexError {
  constructor(message: string) {
    super('closed', message);
  }
}

/** There is no such session, turn or permission request, or not any more. */
export class NotFoundError extends HotPlexError {
  constructor(message: string) {
    super('not_found', message);
  }
}

/** Too many turns or sessions wait: try again when a turn has ended. */
export class BusyError extends HotPlexError {
  constructor(message: string) {
    super('busy', message);
  }
}

/** Another engine uses the session, of this process or of another: the message names the process. */
export class InUseError extends HotPlexError {
  constructor(message: string) {
    super('in_use', message);
  }
}

/** The guard refuses the prompt; the message says why. No turn exists. */
export class BlockedError extends HotPlexError {
  constructor(message: string) {
    super('blocked', message);
  }
}

/** The agent's program is missing or not executable. */
export class SpawnFailedError extends HotPlexError {
  constructor(message: string) {
    super('spawn_failed', message);
  }
}

/** A defect, of the library or of this package. Please report it. */
export class InternalError extends HotPlexError {
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- it takes fewer codes.
  constructor(code: 'internal' | 'misuse', message: string) {
    super(code, message);
  }
}

/** `libhotplex.so` cannot be loaded; the message says where it was looked for. */
export class LibraryMissingError extends HotPlexError {
  constructor(message: string) {
    super('library_missing', message);
  }
}

/** A turn did not complete. `code` is the kind of its error. */
export class TurnError extends HotPlexError {
  /** How the turn ended. */
  readonly outcome: Outcome;
  /** Its last event, with the statistics. */
  readonly end: TurnEnd;

  constructor(end: TurnEnd) {
    super(
      (end.error?.kind ?? 'internal') as ErrorCode,
      end.error?.message ?? `the turn ended: ${end.outcome}`,
    );
    this.outcome = end.outcome;
    this.end = end;
  }
}
