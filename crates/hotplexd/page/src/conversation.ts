/**
 * A session as a list of turns with messages, from the frames that the daemon sends: no view, no
 * socket, no clock.
 */

import {
  type Approval,
  type Frame,
  type Json,
  type State,
  type ToolCall,
  number,
  object,
  readApproval,
  readState,
  readTool,
  text,
} from "./protocol.ts";

export interface You {
  kind: "you";
  text: string;
  client: string;
}

export interface Agent {
  kind: "agent";
  thinking: string;
  text: string;
  /** More of it may come. */
  isOpen: boolean;
}

export type ToolState = "running" | "asking" | "done" | "failed" | "lost";

export interface Tool {
  kind: "tool";
  call: ToolCall;
  state: ToolState;
  output: string;
  startedMs: number;
  durationMs: number;
  approval: Approval | null;
  /** What was answered, by whom. */
  answer: string;
}

export interface Notice {
  kind: "notice";
  level: "info" | "warning" | "error";
  title: string;
  text: string;
  hints: string[];
}

export type Message = You | Agent | Tool | Notice;

export interface Turn {
  /** Turn of the daemon; 0 for what belongs to none. */
  number: number;
  messages: Message[];
  state: "queued" | "running" | "over";
  /** How it ended and what it took; empty until then. */
  footer: string;
}

/** Who wants to know what has changed. */
export interface Watcher {
  /** It stands before `next`, or last. */
  turnAdded(turn: Turn, next: Turn | null): void;
  turnChanged(turn: Turn): void;
  messageAdded(turn: Turn, message: Message): void;
  messageChanged(message: Message): void;
  /** State or queue. */
  stateChanged(): void;
}

export class Conversation {
  readonly turns: Turn[] = [];
  state: State = "ended";
  queued = 0;
  workDir = "";
  engine = "";
  model = "";
  /** The greatest number seen. */
  lastSeq = 0;
  private readonly tools = new Map<string, Tool>();
  private readonly asking = new Map<string, Tool>();
  /** Thoughts that are finished: deltas of the next one come after them. */
  private readonly thought = new WeakMap<Agent, string>();

  constructor(private readonly watcher: Watcher) {}

  /** Takes a frame of this session. */
  take(frame: Frame): void {
    if (frame.seq !== 0) {
      if (frame.seq <= this.lastSeq) return;
      this.lastSeq = frame.seq;
    }
    switch (frame.event) {
      case "gap":
        this.gap(frame.data);
        return;
      case "subscribed":
      case "state":
        this.show(frame);
        return;
      case "prompt":
        this.prompt(frame);
        return;
      case "turn_end":
        this.end(frame);
        return;
      default:
        this.happening(frame);
    }
  }

  /** Something to say that no agent said. */
  say(notice: Omit<Notice, "kind">): void {
    this.add(this.turn(0), { kind: "notice", ...notice });
  }

  /** The turn under way, if there is one. */
  current(): Turn | undefined {
    return this.turns.find((turn) => turn.number !== 0 && turn.state !== "over");
  }

  /** The prompts that wait in line. */
  waiting(): Turn[] {
    return this.turns.filter((turn) => turn.state === "queued");
  }

  private happening(frame: Frame): void {
    const data = frame.data;
    switch (frame.event) {
      case "session_start":
        this.model = text(data["model"]);
        this.watcher.stateChanged();
        return;
      case "delta":
        this.spoken(frame, text(data["kind"]) === "thinking", text(data["text"]), true);
        return;
      case "answer":
      case "thinking":
        this.spoken(frame, frame.event === "thinking", text(data["text"]), false);
        return;
      case "tool_use":
        this.called(frame, readTool(data["tool"]));
        return;
      case "tool_result":
        this.result(frame);
        return;
      case "approval_request":
        this.asked(frame, readApproval(data));
        return;
      case "approval_closed":
        this.answered(data);
        return;
      case "danger_block":
        this.blocked(frame);
        return;
      case "notice":
        this.noticed(frame);
        return;
      case "error":
        this.refused(frame);
        return;
      case "raw":
        this.raw(frame);
        return;
    }
  }

  private show(frame: Frame): void {
    this.state = readState(frame.data["state"]);
    this.queued = number(frame.data["queued"]);
    this.watcher.stateChanged();
  }

  private gap(data: Json): void {
    const restarted = data["reason"] === "restarted";
    // What follows begins here. After a restart with another clock that may be before what was seen.
    this.lastSeq = Math.max(0, number(data["first"]) - 1);
    if (restarted) this.abandon();
    this.say({
      level: "warning",
      title: "Gap",
      text: restarted
        ? "The daemon was started again. What happened in between is not known here; the conversation goes on with the next prompt."
        : "Earlier events are not held any more.",
      hints: [],
    });
  }

  /** The numbers of these turns may be given again. */
  private abandon(): void {
    for (const turn of this.turns) {
      if (turn.number !== 0 && turn.state !== "over") this.close(turn, "Its end is not known");
      turn.number = 0;
    }
    this.asking.clear();
    this.tools.clear();
  }

  private prompt(frame: Frame): void {
    const data = frame.data;
    this.workDir = text(data["work_dir"]);
    this.engine = text(data["engine"]);
    const turn = this.turn(frame.turn);
    const message: You = { kind: "you", text: text(data["text"]), client: text(data["client"]) };
    this.add(turn, message);
    this.line();
    this.watcher.stateChanged();
  }

  /** The first turn that is not over runs; the others wait. */
  private line(): void {
    const current = this.current();
    for (const turn of this.turns) {
      if (turn.number === 0 || turn.state === "over") continue;
      const state = turn === current ? "running" : "queued";
      if (state === turn.state) continue;
      turn.state = state;
      this.watcher.turnChanged(turn);
    }
  }

  private spoken(frame: Frame, isThinking: boolean, said: string, isDelta: boolean): void {
    const turn = this.turn(frame.turn);
    const last = turn.messages.at(-1);
    let message: Agent;
    if (last?.kind === "agent" && last.isOpen) {
      message = last;
    } else {
      message = { kind: "agent", thinking: "", text: "", isOpen: true };
      this.add(turn, message);
    }
    if (isThinking) {
      const before = this.thought.get(message) ?? "";
      const isNext = !isDelta || message.thinking === before;
      message.thinking = isNext ? joined(before, said) : message.thinking + said;
      if (!isDelta) this.thought.set(message, message.thinking);
    } else {
      message.text = isDelta ? message.text + said : said;
      if (!isDelta) message.isOpen = false;
    }
    this.watcher.messageChanged(message);
  }

  private called(frame: Frame, call: ToolCall): Tool {
    this.seal(frame.turn);
    const known = this.tools.get(call.id);
    if (known !== undefined && call.id !== "") return known;
    const tool: Tool = {
      kind: "tool",
      call,
      state: "running",
      output: "",
      startedMs: frame.atMs,
      durationMs: 0,
      approval: null,
      answer: "",
    };
    this.tools.set(call.id, tool);
    this.add(this.turn(frame.turn), tool);
    return tool;
  }

  private tool(frame: Frame, call: ToolCall): Tool {
    const known = this.tools.get(call.id);
    if (known !== undefined) return known;
    return this.called(frame, call);
  }

  private result(frame: Frame): void {
    const tool = this.tool(frame, readTool(frame.data["tool"]));
    tool.output = text(frame.data["text"]);
    tool.durationMs = number(frame.data["duration_ms"]);
    tool.state = frame.data["is_error"] === true ? "failed" : "done";
    this.watcher.messageChanged(tool);
  }

  private asked(frame: Frame, approval: Approval): void {
    this.seal(frame.turn);
    let tool = this.tool(frame, approval.tool);
    if (tool.approval !== null && tool.approval.id !== approval.id) {
      this.tools.delete(approval.tool.id);
      tool = this.tool(frame, approval.tool);
    }
    // What is asked may differ from what was announced.
    tool.call = approval.tool;
    tool.approval = approval;
    tool.state = "asking";
    tool.answer = "";
    this.asking.set(approval.id, tool);
    this.watcher.messageChanged(tool);
    this.watcher.stateChanged();
  }

  private answered(data: Json): void {
    const tool = this.asking.get(text(data["approval_id"]));
    if (tool === undefined) return;
    this.asking.delete(text(data["approval_id"]));
    const by = text(data["by"]);
    tool.answer = ANSWERS[text(data["decision"])] ?? text(data["decision"]);
    if (by !== "") tool.answer += ` by ${by}`;
    if (tool.state === "asking") tool.state = "running";
    this.watcher.messageChanged(tool);
    this.watcher.stateChanged();
  }

  private blocked(frame: Frame): void {
    const data = frame.data;
    const hints = Array.isArray(data["suggestions"]) ? data["suggestions"].map(text) : [];
    this.seal(frame.turn);
    this.add(this.turn(frame.turn), {
      kind: "notice",
      level: "error",
      title: `Blocked by the guard (${text(data["rule"])})`,
      text: `${text(data["reason"])}\n${text(data["operation"])}`.trim(),
      hints,
    });
  }

  private noticed(frame: Frame): void {
    const level = text(frame.data["level"]);
    const notice: Notice = {
      kind: "notice",
      level: level === "error" || level === "warning" ? level : "info",
      title: text(frame.data["code"]).replaceAll("_", " "),
      text: text(frame.data["text"]),
      hints: [],
    };
    // A notice does not end what is being said.
    this.add(this.turn(frame.turn), notice, true);
  }

  private raw(frame: Frame): void {
    const line = text(frame.data["line"]);
    this.add(this.turn(frame.turn), { kind: "notice", level: "info", title: "Not understood", text: line, hints: [] }, true);
  }

  /** A request that has no turn; the end of one with a turn is told by `turn_end`. */
  private refused(frame: Frame): void {
    // What was blocked has been said.
    if (frame.turn !== 0 || frame.data["kind"] === "blocked") return;
    this.say({ level: "error", title: "Refused", text: text(frame.data["message"]), hints: [] });
  }

  private end(frame: Frame): void {
    const turn = this.turn(frame.turn);
    const outcome = text(frame.data["outcome"]);
    const error = object(frame.data["error"]);
    if (outcome !== "completed") {
      this.seal(frame.turn);
      const isWanted = outcome === "cancelled" || outcome === "stopped";
      this.add(turn, {
        kind: "notice",
        level: isWanted ? "info" : "error",
        title: OUTCOMES[outcome] ?? outcome,
        text: text(error["message"]),
        hints: [],
      });
    }
    this.close(turn, figures(object(frame.data["stats"])));
    this.line();
    this.watcher.stateChanged();
  }

  private close(turn: Turn, footer: string): void {
    turn.state = "over";
    turn.footer = footer;
    for (const message of turn.messages) {
      if (message.kind === "agent" && message.isOpen) {
        message.isOpen = false;
      } else if (message.kind === "tool" && (message.state === "running" || message.state === "asking")) {
        message.state = "lost";
      } else {
        continue;
      }
      this.watcher.messageChanged(message);
    }
    this.watcher.turnChanged(turn);
  }

  /** What was being said in this turn is finished. */
  private seal(turnNumber: number): void {
    const last = this.turn(turnNumber).messages.at(-1);
    if (last?.kind !== "agent" || !last.isOpen) return;
    last.isOpen = false;
    this.watcher.messageChanged(last);
  }

  /** What belongs to no turn stands at the end. */
  private turn(turnNumber: number): Turn {
    const known = this.turns.findLast((turn) => turn.number === turnNumber);
    if (known !== undefined && (turnNumber !== 0 || known === this.turns.at(-1))) return known;
    const turn: Turn = {
      number: turnNumber,
      messages: [],
      state: turnNumber === 0 ? "over" : "running",
      footer: "",
    };
    const later = turnNumber === 0 ? -1 : this.turns.findIndex((other) => other.number > turnNumber);
    const next = later < 0 ? null : (this.turns[later] ?? null);
    if (next === null) this.turns.push(turn);
    else this.turns.splice(later, 0, turn);
    this.watcher.turnAdded(turn, next);
    return turn;
  }

  private add(turn: Turn, message: Message, beside = false): void {
    const last = turn.messages.at(-1);
    if (beside && last?.kind === "agent" && last.isOpen) {
      // Before what is being said, so that it goes on where it is.
      turn.messages.splice(-1, 0, message);
    } else {
      turn.messages.push(message);
    }
    this.watcher.messageAdded(turn, message);
  }
}

const ANSWERS: Record<string, string> = {
  allow: "Allowed",
  deny: "Denied",
  expired: "Denied: nobody answered in time",
  withdrawn: "Taken back by the agent",
  turn_over: "The turn is over",
};

const OUTCOMES: Record<string, string> = {
  failed: "Failed",
  cancelled: "Interrupted",
  timed_out: "Timed out",
  crashed: "The agent's process ended",
  stopped: "Stopped",
};

function joined(before: string, said: string): string {
  return before === "" ? said : `${before}\n\n${said}`;
}

/** What a turn took, in words. */
function figures(stats: Json): string {
  const parts: string[] = [];
  const time = number(stats["total_duration_ms"]);
  if (time > 0) parts.push(duration(time));
  const tokens = number(stats["total_tokens"]);
  if (tokens > 0) parts.push(`${tokens.toLocaleString("en")} tokens`);
  const cost = number(stats["total_cost_usd"]);
  if (cost > 0) parts.push(money(cost));
  return parts.join(" · ");
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function money(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}
