/**
 * The words that the library tells, as lists for programs and as types.
 *
 * A later version of the library may tell more of them: wherever it tells one, any text may come.
 */

/** How turns end. */
export const OUTCOMES = [
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'crashed',
  'stopped',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why turns do not complete: `error.kind` of their last event. */
export const ERROR_KINDS = [
  'invalid_argument',
  'not_found',
  'blocked',
  'busy',
  'in_use',
  'closed',
  'timed_out',
  'spawn_failed',
  'agent_failed',
  'crashed',
  'cancelled',
  'stopped',
  'forked',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** How serious a notice is. */
export const NOTICE_LEVELS = [
  'info',
  'warning',
] as const;
export type NoticeLevel = (typeof NOTICE_LEVELS)[number];

/** What a notice is about. */
export const NOTICE_CODES = [
  'agent_ended',
  'api_error',
  'api_retry',
  'background_ended',
  'conversation_reset',
  'danger_flag',
  'git_not_opened',
  'hook_refused',
  'instructions_refused',
  'jail_unavailable',
  'line_too_long',
  'not_json',
  'permission_denied',
  'permission_refused',
  'permission_timed_out',
  'permission_withdrawn',
  'pipe_broken',
  'project_ignored',
  'repository_changed',
  'session_reset',
  'start_delayed',
  'state_unwritable',
  'task_notification',
  'unrequested_result',
  'untested_version',
  'work_dir_replaced',
] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

/** What a session is doing. */
export const SESSION_STATES = [
  'dead',
  'starting',
  'ready',
  'busy',
  'awaiting_approval',
  'stopping',
  'closing',
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** What the guard says. */
export const VERDICTS = [
  'allow',
  'flag',
  'block',
] as const;
export type Judgement = (typeof VERDICTS)[number];

/** How dangerous the guard finds something. */
export const DANGER_LEVELS = [
  'moderate',
  'high',
  'critical',
] as const;
export type DangerLevel = (typeof DANGER_LEVELS)[number];

/** How far an agent can reach. */
export const JAILS = [
  'off',
  'write',
  'strict',
] as const;
export type Jail = (typeof JAILS)[number];

/** How many of its agent's calls of tools an engine can deny before they run. */
export const TOOL_GATES = [
  'every_call',
  'asks_only',
  'none',
] as const;
export type ToolGate = (typeof TOOL_GATES)[number];

/** A word that is known, or that of a later version. */
export type OrLater<Word extends string> = Word | (string & {});
