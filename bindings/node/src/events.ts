/**
 * What a turn tells, and the figures of turns, sessions and engines.
 *
 * The names are those of the C interface in camel case. Later versions of the library may tell more
 * types and more keys: ignore what you do not know.
 */

import type {
  DangerLevel,
  ErrorKind,
  Judgement,
  NoticeCode,
  NoticeLevel,
  OrLater,
  Outcome,
  SessionState,
  ToolGate,
} from './words.js';

/** What every event has. */
export interface EventBase {
  /** The number of the turn, unique within the engine; 0 for what an agent does by itself. */
  turn: number;
  /** What `execute` gave the turn as `tag`; missing if nothing, or 0. */
  tag?: number;
  /** The session; empty for a spare that no session has taken. */
  sessionId: string;
  /** Milliseconds since the turn was accepted. */
  tMs: number;
}

/** An agent's process serves the session from now on. Told once a process. */
export interface SessionStart extends EventBase {
  type: 'session_start';
  /** The agent's own name of the conversation. */
  agentSessionId: string;
  /** True if an earlier conversation was taken up again. */
  resumed: boolean;
  model: string | null;
  tools: string[];
  cwd: string | null;
  pid: number | null;
}

interface Text<Type extends string> extends EventBase {
  type: Type;
  text: string;
}

/** A finished piece of the model's thinking. */
export type Thinking = Text<'thinking'>;

/** A finished piece of the model's answer. */
export type Answer = Text<'answer'>;

/** The next few characters of thinking, with `partialMessages`. */
export type ThinkingDelta = Text<'thinking_delta'>;

/** The next few characters of an answer, with `partialMessages`. The finished piece follows. */
export type AnswerDelta = Text<'answer_delta'>;

/** A call of a tool. */
export interface Tool {
  id: string;
  name: string;
  /** As the model wrote it. */
  input: Record<string, unknown>;
  /** One line for a person. */
  summary: string;
  /** The call that started the sub-agent whose call this is, by its id, as far as the agent tells. */
  parent: string | null;
}

/** The model calls a tool. */
export interface ToolUse extends EventBase {
  type: 'tool_use';
  tool: Tool;
}

/** A tool gave its result. */
export interface ToolResult extends EventBase {
  type: 'tool_result';
  tool: { id: string; name: string };
  text: string;
  isError: boolean;
  durationMs: number;
}

/** The agent asks whether it may run a tool. The turn's clock stands still until it is answered. */
export interface PermissionRequest extends EventBase {
  type: 'permission_request';
  requestId: string;
  tool: Tool;
  /** Why the agent asks, if it says so. */
  reason: string | null;
  /**
   * Lets the tool run, with another input if one is given. Throws a `NotFoundError` if the question
   * is not open any more.
   */
  allow(updatedInput?: Record<string, unknown>): void;
  /** Keeps the tool from running; the message is for the model. Throws as `allow` does. */
  deny(message?: string, options?: { interrupt?: boolean }): void;
}

/** Why the guard is not simply content. */
export interface Danger {
  operation: string;
  reason: string;
  rule: string;
  level: DangerLevel | null;
  category: string;
  suggestions: string[];
}

/** The guard kept the agent from doing something. */
export interface DangerBlock extends EventBase, Danger {
  type: 'danger_block';
  tool?: Tool;
}

/** Something worth knowing that is not part of the answer. */
export interface Notice extends EventBase {
  type: 'notice';
  level: NoticeLevel;
  /** Fixed, for programs. */
  code: OrLater<NoticeCode>;
  /** For people. */
  text: string;
}

/** A line of the agent that hotplex does not know, as it was. */
export interface Raw extends EventBase {
  type: 'raw';
  line: string;
}

/** The turn is over: exactly one for each turn, and nothing of the turn follows. */
export interface TurnEnd extends EventBase {
  type: 'turn_end';
  outcome: Outcome;
  /** Why it did not complete. */
  error?: { kind: OrLater<ErrorKind>; message: string };
  stats: TurnStats;
}

/** Something that happened in a turn. `type` tells the kinds apart. */
export type HotPlexEvent =
  | SessionStart
  | Thinking
  | Answer
  | ThinkingDelta
  | AnswerDelta
  | ToolUse
  | ToolResult
  | PermissionRequest
  | DangerBlock
  | Notice
  | Raw
  | TurnEnd;

/** The figures of one turn, never summed over the session. Times in milliseconds. */
export interface TurnStats {
  /** Unix seconds; 0 if the prompt never reached the agent. */
  startTime: number;
  /** Unix seconds. */
  endTime: number;
  totalDurationMs: number;
  thinkingDurationMs: number;
  /** While at least one tool ran: tools that run at once count once. */
  toolDurationMs: number;
  generationDurationMs: number;
  inputTokens: number;
  outputTokens: number;
  cacheWriteTokens: number;
  cacheReadTokens: number;
  /** Input and output; what caches held is not in it. */
  totalTokens: number;
  toolCallCount: number;
  toolsUsed: string[];
  filesModified: number;
  filePaths: string[];
  /** US dollars, as the agent reckons them. */
  totalCostUsd: number;
  modelUsed: string | null;
  isError: boolean;
  errorMessage?: string;
}

/** What a session has done since it came into the pool. */
export interface SessionStats {
  sessionId: string;
  turns: number;
  turnsCompleted: number;
  totalDurationMs: number;
  inputTokens: number;
  outputTokens: number;
  cacheWriteTokens: number;
  cacheReadTokens: number;
  totalTokens: number;
  toolCallCount: number;
  totalCostUsd: number;
  /** Of the turn that ended last. */
  lastTurn: TurnStats | null;
}

/** What an engine has done since it opened, and holds now. */
export interface EngineStats {
  liveProcesses: number;
  sessions: number;
  readySpares: number;
  spawned: number;
  turnsCompleted: number;
  turnsNotCompleted: number;
  spareHits: number;
  spareMisses: number;
  hibernated: number;
  lostBackgroundEvents: number;
}

/** A session or a spare as the pool holds it now. */
export interface SessionInfo {
  /** Empty for a spare. */
  sessionId: string;
  agentSessionId: string | null;
  provider: string;
  state: OrLater<SessionState>;
  pid: number | null;
  pgid: number | null;
  workDir: string;
  /** Milliseconds since 1970. */
  createdMs: number;
  /** Milliseconds since 1970. */
  lastActiveMs: number;
  turns: number;
  queued: number;
  rssBytes: number;
  bufferedBytes: number;
  spare: boolean;
  /** The jail of its agent, and in brackets what the kernel enforces of it; `off` without one. */
  jail: string;
  /** Where the jail lets its agent write of what git keeps outside of the work directory. */
  gitDirs: string[];
  /** What its agent runs beside the turns. A session with such tasks is not idle. */
  backgroundTasks: BackgroundTask[];
}

/** Something that an agent runs in the background, while turns come and go. */
export interface BackgroundTask {
  /** The agent's name of the task. */
  id: string;
  /** In the agent's words, as the description; empty if it has none. */
  kind: string;
  description: string;
}

/** An agent that engines can run, and whether it is there. */
export interface Provider {
  /** For the option `provider`. */
  name: string;
  /** What is looked for on this process's `PATH`; empty where the option `program` has to name one. */
  defaultProgram: string;
  /** Where it was found; null if it was not. */
  program: string | null;
  /** Where it was looked for in vain. */
  lookedAt: string[];
  /** What the program says by `--version`; null if it was not asked, or said none in time. */
  version: string | null;
  /** The releases with which the library was tested. */
  testedVersions: string[];
  capabilities: Capabilities;
}

/** What an agent lets an engine do and enforce. */
export interface Capabilities {
  /** How many of its calls of tools can be denied before they run. */
  gate: OrLater<ToolGate>;
  /** That is every one: lists of tools are refused without it. */
  toolGate: boolean;
  /** The reason of a denial reaches the model. */
  denialReason: boolean;
  /** An answer to a permission request may change the tool's input. */
  updatedInput: boolean;
  /** A turn can be ended without the end of its process. */
  interrupt: boolean;
  /** A conversation outlives its process. */
  resume: boolean;
  /** Answers come piece by piece if that is wanted. */
  deltas: boolean;
}

/** What the guard says about a text. The reasons are there unless it is a plain `allow`. */
export interface Verdict extends Partial<Danger> {
  verdict: Judgement;
}
