/** What callers give: options in camel case, checked by name, handed on as the library's JSON. */

import { InvalidArgumentError } from './errors.js';
import type { PermissionRequest } from './events.js';
import { snakeCase } from './spelling.js';

/** How the danger guard is set. */
export interface GuardOptions {
  /** `false` lets agents run whatever they like. Default: true. */
  enabled?: boolean;
  /** A file of further rules, `regex|description|level|category` a line. */
  rulesFile?: string;
  disabledRules?: string[];
  /** Rules that block although by themselves they only flag. */
  promotedRules?: string[];
  /** Directories, besides the work directory, in which agents may do as they like. */
  extraRoots?: string[];
  /** Where a line of JSON is added for each verdict that is not a plain allow. */
  auditFile?: string;
}

/** Everything an engine can be told. Times are milliseconds, and 0 is no limit. */
export interface EngineOptions {
  /** Which kind of agent. Default: `claude-code`. */
  provider?: string;
  /** Path or name of the agent's program. Default: the provider's, looked up on `PATH`. */
  program?: string;
  /** Arguments before the provider's own. */
  programArgs?: string[];
  /** Keeps one application's conversations apart from another's. Default: `default`. */
  namespace?: string;
  /** The agent's permission mode: `default`, `acceptEdits`, `plan`, `bypassPermissions`, ... */
  permissionMode?: string;
  /** The only tools that may run, and without asking. */
  allowedTools?: string[];
  /** Tools that may not run; they win over `allowedTools`. */
  disallowedTools?: string[];
  /** Appended to the agent's own system prompt. */
  baseSystemPrompt?: string;
  model?: string;
  /** Variables to set for agents, or with `null` to remove. */
  env?: Record<string, string | null>;
  /** Which of this process's variables agents see: all (the default), none, or these. */
  inheritEnv?: boolean | string[];
  /** Where session records are kept. Default: `$XDG_STATE_HOME/hotplex`. */
  stateDir?: string;
  /** How long an agent may work on one turn. Default: 300000. */
  turnTimeoutMs?: number;
  /** After how long without a turn a session's process ends. Default: 1800000. */
  idleTimeoutMs?: number;
  /**
   * How long a session's agent may work in the background without a turn. Until then the session is
   * not idle. Default: 14400000.
   */
  backgroundTimeoutMs?: number;
  /** How long an agent may take to get ready. Default: 30000. */
  startTimeoutMs?: number;
  /** After how long without a word from the agent a turn is given up. Default: 0. */
  silenceTimeoutMs?: number;
  /** After how long an open permission request is denied. Default: 0. */
  approvalTimeoutMs?: number;
  /** How long an agent may take to end; 0 kills at once. Default: 5000. */
  killGraceMs?: number;
  /** Bound on live processes, spares included. Default: 0, none. */
  maxProcesses?: number;
  /** @deprecated The earlier name of {@link EngineOptions.maxProcesses}; give one of the two. */
  maxSessions?: number;
  /** Turns that may wait in a session. Default: 16. */
  queueTurns?: number;
  /** Bytes of events that may wait in a session. Default: 1 MiB. */
  windowBytes?: number;
  /** The longest line of an agent that is taken. Default: 16 MiB. */
  maxLineBytes?: number;
  /** Asks the agent for text in pieces. Default: false. */
  partialMessages?: boolean;
  /** The danger guard. */
  guard?: GuardOptions;
  /** Whether agents may write outside of their work directory. Default: `write` where the kernel can. */
  jail?: 'write' | 'off' | 'strict';
  /** More directories that jailed agents may write to. */
  jailRoots?: string[];
  /** How much of the project in the work directory agents obey. Default: `instructions`. */
  project?: Project;
  /** Allows a trusted project in `bypassPermissions` without a jail. Default: false. */
  trustWithoutJail?: boolean;
}

/** The project's instructions as text, all that the agent itself would load and run, or nothing. */
export type Project = 'instructions' | 'trusted' | 'none';

/** What an agent is started with. */
export interface WarmUp {
  /** Where the agent works; made if it is missing. */
  workDir: string;
  model?: string;
  /** Instead of the engine's. */
  project?: Project;
}

/** What a turn is. */
export interface TurnConfig extends WarmUp {
  /** Your name of the conversation. */
  sessionId: string;
  /** Instructions for this turn alone. */
  taskSystemPrompt?: string;
  /** Instead of the engine's. */
  turnTimeoutMs?: number;
  /** A whole number of your own, 0 or more, that comes back in `tag` of every event of the turn. */
  tag?: number;
}

/** A turn to be run. */
export interface ExecuteOptions extends TurnConfig {
  prompt: string;
  /** Cancels the turn; what waits for its events is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Answers the agent's questions whether it may run a tool. The events come all the same. If it
   * throws or rejects, the turn is cancelled with the question, and its reader gets the error.
   */
  onPermission?: ((request: PermissionRequest) => Decision | Promise<Decision>) | undefined;
}

/** The answer to a permission request. */
export type Decision = Allow | Deny;

/** The tool runs, with another input if one is given. */
export interface Allow {
  behavior: 'allow';
  updatedInput?: Record<string, unknown>;
}

/** The tool does not run. The message is for the model; `interrupt` ends the turn as well. */
export interface Deny {
  behavior: 'deny';
  message?: string;
  interrupt?: boolean;
}

/** What a text is to the guard, and where it would act. */
export interface CheckContext {
  /** Source of a shell, or a message to a model. */
  kind: 'command' | 'prompt';
  workDir: string;
  /** Default: this process's. */
  home?: string;
  /** Default: this process's. */
  user?: string;
  /** The text of a rules file whose rules are asked as well; not with an engine, which has its own. */
  rules?: string;
}

/** Each name once: the compiler tells of one that is missing here. */
type Names<T> = Readonly<Record<keyof T, true>>;

export const GUARD: Names<GuardOptions> = {
  enabled: true,
  rulesFile: true,
  disabledRules: true,
  promotedRules: true,
  extraRoots: true,
  auditFile: true,
};
export const ENGINE: Names<EngineOptions> = {
  provider: true,
  program: true,
  programArgs: true,
  namespace: true,
  permissionMode: true,
  allowedTools: true,
  disallowedTools: true,
  baseSystemPrompt: true,
  model: true,
  env: true,
  inheritEnv: true,
  stateDir: true,
  turnTimeoutMs: true,
  idleTimeoutMs: true,
  backgroundTimeoutMs: true,
  startTimeoutMs: true,
  silenceTimeoutMs: true,
  approvalTimeoutMs: true,
  killGraceMs: true,
  maxProcesses: true,
  maxSessions: true,
  queueTurns: true,
  windowBytes: true,
  maxLineBytes: true,
  partialMessages: true,
  guard: true,
  jail: true,
  jailRoots: true,
  project: true,
  trustWithoutJail: true,
};
export const WARM_UP: Names<WarmUp> = {
  workDir: true,
  model: true,
  project: true,
};
export const TURN: Names<TurnConfig> = {
  ...WARM_UP,
  sessionId: true,
  taskSystemPrompt: true,
  turnTimeoutMs: true,
  tag: true,
};
export const CHECK: Names<CheckContext> = {
  kind: true,
  workDir: true,
  home: true,
  user: true,
  rules: true,
};
const DECISION: Names<Omit<Allow, 'behavior'> & Deny> = {
  behavior: true,
  updatedInput: true,
  message: true,
  interrupt: true,
};

export const engineJson = (options: EngineOptions): string => {
  const { guard, ...others } = options;
  const json = respell('option ', others, ENGINE);
  return toJson(guard ? { ...json, guard: respellGuard(guard) } : json);
};
export const guardJson = (guard: GuardOptions): string => toJson(respellGuard(guard));
export const warmUpJson = (config: WarmUp): string =>
  toJson(respell('option ', config, WARM_UP));
export const turnJson = (config: TurnConfig): string =>
  toJson(respell('option ', config, TURN));
export const checkJson = (context: CheckContext): string =>
  toJson(respell('option ', context, CHECK));
export const decisionJson = (decision: Decision): string =>
  toJson(respell('key of a decision: ', decision, DECISION));

/** JSON has no word for some numbers: NaN would come out as null, which is no limit or no number at all. */
function toJson(value: object): string {
  try {
    return JSON.stringify(value, (name, part: unknown) => {
      if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError(`${name} is ${part}`);
      return part;
    });
  } catch (error) {
    // A circle, a BigInt, or something that throws when it is looked at.
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function respellGuard(guard: GuardOptions): object {
  return respell('option guard.', guard, GUARD);
}

/** The first level only: what lies below is the caller's (variables, the input of a tool). */
function respell(what: string, given: object, names: object): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(names, name)) throw new InvalidArgumentError(`unknown ${what}${name}`);
    json[snakeCase(name)] = value;
  }
  return json;
}
