/** What the library's functions return, and the error that each of them becomes. */

import {
  BlockedError,
  BusyError,
  ClosedError,
  HotPlexError,
  InUseError,
  InternalError,
  InvalidArgumentError,
  NotFoundError,
  SpawnFailedError,
} from './errors.js';

/** The numbers of `hotplex_status`. */
export const Status = {
  OK: 0,
  TIMEOUT: -1,
  INVALID_ARGUMENT: -2,
  CLOSED: -3,
  NOT_FOUND: -4,
  BUSY: -5,
  BLOCKED: -6,
  SPAWN_FAILED: -7,
  BUFFER_TOO_SMALL: -8,
  MISUSE: -9,
  FORKED: -10,
  INTERNAL: -11,
  IN_USE: -12,
} as const;

const CLASSES = new Map<number, new (message: string) => HotPlexError>([
  [Status.INVALID_ARGUMENT, InvalidArgumentError],
  [Status.CLOSED, ClosedError],
  [Status.NOT_FOUND, NotFoundError],
  [Status.BUSY, BusyError],
  [Status.BLOCKED, BlockedError],
  [Status.SPAWN_FAILED, SpawnFailedError],
  [Status.IN_USE, InUseError],
]);

/** The error for a negative status. */
export function errorOf(status: number, message: string): HotPlexError {
  const known = CLASSES.get(status);
  if (known) return new known(message);
  if (status === Status.TIMEOUT) return new HotPlexError('timed_out', message);
  return new InternalError(status === Status.MISUSE ? 'misuse' : 'internal', message);
}
