/** hotplex: keeps AI command-line agents alive in a pool and streams their events. */

export { HotPlex, check, logTo, providers, version } from './engine.js';
export type { HotPlexOptions, LogLevel, Turn } from './engine.js';
export {
  BlockedError,
  BusyError,
  ClosedError,
  HotPlexError,
  InUseError,
  InternalError,
  InvalidArgumentError,
  LibraryMissingError,
  NotFoundError,
  SpawnFailedError,
  TurnError,
} from './errors.js';
export type { ErrorCode } from './errors.js';
export type * from './events.js';
export * from './words.js';
export type {
  Allow,
  CheckContext,
  Decision,
  Deny,
  EngineOptions,
  ExecuteOptions,
  GuardOptions,
  Project,
  TurnConfig,
  WarmUp,
} from './options.js';
