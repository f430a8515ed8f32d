/**
 * The words of the WebSocket protocol `hotplex.v1` (docs/protocol.md), as far as the page uses them.
 * What comes from outside is `unknown` until a reader here has looked at it.
 */

export type Json = Record<string, unknown>;

/** One object that the daemon sent. */
export interface Frame {
  event: string;
  data: Json;
  session: string;
  /** 0 for what belongs to no turn. */
  turn: number;
  /** 0 for what has no number. */
  seq: number;
  atMs: number;
  requestId: number;
}

export interface ToolCall {
  id: string;
  name: string;
  input: Json;
  summary: string;
}

/** A question of the agent that waits for an answer. */
export interface Approval {
  id: string;
  tool: ToolCall;
  reason: string;
  workDir: string;
  /** Milliseconds since 1970; 0 without a limit. */
  expiresAtMs: number;
}

export type State = "ready" | "starting" | "working" | "waiting" | "stopping" | "ended";

const STATES: readonly string[] = ["ready", "starting", "working", "waiting", "stopping", "ended"];

/** A session as the list has it. */
export interface Listed {
  id: string;
  engine: string;
  state: State;
  queued: number;
  workDir: string;
  title: string;
  turns: number;
  lastActiveMs: number;
  rssBytes: number;
  costUsd: number;
  tokens: number;
  approvals: Approval[];
}

export interface Version {
  version: string;
  engines: { name: string; isDefault: boolean }[];
  roots: string[];
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Json {
  return isJson(value) ? value : {};
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Reads a frame; null for what is none. */
export function readFrame(line: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isJson(value) || typeof value["event"] !== "string") return null;
  return {
    event: value["event"],
    data: object(value["data"]),
    session: text(value["session_id"]),
    turn: number(value["turn"]),
    seq: number(value["seq"]),
    atMs: number(value["at_ms"]),
    requestId: number(value["request_id"]),
  };
}

export function readTool(value: unknown): ToolCall {
  const tool = object(value);
  return {
    id: text(tool["id"]),
    name: text(tool["name"]),
    input: object(tool["input"]),
    summary: text(tool["summary"]),
  };
}

export function readApproval(value: unknown): Approval {
  const data = object(value);
  return {
    id: text(data["approval_id"]),
    tool: readTool(data["tool"]),
    reason: text(data["reason"]),
    workDir: text(data["work_dir"]),
    expiresAtMs: number(data["expires_at_ms"]),
  };
}

export function readState(value: unknown): State {
  return STATES.includes(text(value)) ? (value as State) : "ended";
}

export function readList(data: Json): Listed[] {
  return list(data["sessions"]).map((entry) => {
    const one = object(entry);
    return {
      id: text(one["session_id"]),
      engine: text(one["engine"]),
      state: readState(one["state"]),
      queued: number(one["queued"]),
      workDir: text(one["work_dir"]),
      title: text(one["title"]),
      turns: number(one["turns"]),
      lastActiveMs: number(one["last_active_ms"]),
      rssBytes: number(one["rss_bytes"]),
      costUsd: number(one["cost_usd"]),
      tokens: number(one["tokens"]),
      approvals: list(one["approvals"]).map(readApproval),
    };
  });
}

export function readVersion(data: Json): Version {
  return {
    version: text(data["version"]),
    engines: list(data["engines"]).map((entry) => ({
      name: text(object(entry)["name"]),
      isDefault: object(entry)["default"] === true,
    })),
    roots: list(data["roots"]).map(text),
  };
}
