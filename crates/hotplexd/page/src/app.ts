/** The page: one connection, the session that is shown, those that were shown, and what is sent. */

import * as address from "./address.ts";
import { brief } from "./clean.ts";
import { Connection, type Link } from "./connection.ts";
import { Conversation, type Turn } from "./conversation.ts";
import { Notifier } from "./notify.ts";
import { type Approval, type Frame, type Json, type Listed, number, readList, readVersion, text } from "./protocol.ts";
import type { Answer } from "./view/approval.ts";
import { Composer } from "./view/composer.ts";
import { Log, Transcript } from "./view/log.ts";
import { Sessions } from "./view/sessions.ts";
import { Shell } from "./view/shell.ts";
import { Start } from "./view/start.ts";
import { Status } from "./view/status.ts";

/** After this long an interrupt has not helped, and the process is ended instead. */
const INTERRUPT_PATIENCE_MS = 5_000;

/** A prompt on its way: nobody has said yet that it was accepted. */
interface Sent {
  session: string;
  request: Json;
  /** 0 until there is a link to send it by. */
  id: number;
  /** The link broke before anybody said that it had arrived. */
  isInDoubt: boolean;
  /** It was longer than the daemon takes, which broke the link. */
  isTooLarge: boolean;
}

/** A session that is or was shown. */
interface Opened {
  id: string;
  conversation: Conversation;
  transcript: Transcript;
  workDir: string;
  /** The event up to which it has to catch up. */
  target: number;
}

export class App {
  private readonly connection: Connection;
  private readonly notifier = new Notifier((session) => {
    this.open(session.id, session.workDir);
  });
  private readonly status = new Status();
  private readonly log = new Log();
  private readonly sessions: Sessions;
  private readonly composer: Composer;
  private readonly start_: Start;
  private readonly shell: Shell;
  private readonly opened = new Map<string, Opened>();
  private listed: Listed[] = [];
  private sent: Sent[] = [];
  private interruptedAt = 0;
  private readonly interrupts = new Set<number>();
  private current: Opened;

  constructor() {
    this.connection = new Connection(
      {
        linked: (link) => {
          this.linked(link);
        },
        received: (frame) => {
          this.received(frame);
        },
      },
      address.token,
    );
    this.composer = new Composer({
      send: (prompt) => {
        this.prompt(prompt);
      },
      stop: () => {
        this.interrupt();
      },
    });
    this.sessions = new Sessions({
      open: (session, workDir) => {
        this.open(session, workDir);
      },
      answer: (session, approval, allow) => {
        this.decide(session, approval, allow, "", null);
      },
    });
    this.start_ = new Start();
    this.shell = new Shell(
      { status: this.status, log: this.log, sessions: this.sessions, composer: this.composer, start: this.start_ },
      {
        newSession: () => {
          this.open(address.newSession(), this.current.workDir);
        },
        endAgent: () => {
          this.connection.send({ type: "stop", session_id: this.current.id, reason: "ended from the page" });
        },
        interrupt: () => {
          this.interrupt();
        },
        notify: () => this.notifier.toggle(),
        isNotifying: () => this.notifier.isOn,
        token: (token) => {
          address.keepToken(token);
          this.connection.open();
        },
      },
    );
    const given = address.read();
    const session = given.session === "" ? address.newSession() : given.session;
    this.current = this.session(session, given.workDir);
  }

  start(): void {
    document.body.append(this.shell.node);
    history.replaceState(null, "", address.of({ session: this.current.id, workDir: this.current.workDir }));
    addEventListener("popstate", () => {
      const { session, workDir } = address.read();
      if (session !== "") this.show(this.session(session, workDir));
    });
    setInterval(() => {
      this.current.transcript.tick(Date.now());
    }, 1000);
    this.show(this.current);
    this.connection.open();
    this.composer.field.focus();
  }

  private session(id: string, workDir: string): Opened {
    const known = this.opened.get(id);
    if (known !== undefined) return known;
    const transcript = new Transcript(
      (answer: Answer) => {
        this.decide(id, answer.approval, answer.allow, answer.message, answer.updatedInput);
      },
      {
        remove: (turn) => {
          this.unqueue(id, turn);
        },
        edit: (turn) => {
          this.unqueue(id, turn);
          const first = turn.messages.find((message) => message.kind === "you");
          if (first !== undefined) this.composer.restore(first.text);
        },
      },
      (draw) => {
        this.log.around(transcript, draw);
      },
    );
    const conversation = new Conversation({
      turnAdded: (turn, next) => {
        transcript.turnAdded(turn, next);
      },
      turnChanged: (turn) => {
        transcript.turnChanged(turn);
      },
      messageAdded: (turn, message) => {
        transcript.messageAdded(turn, message);
      },
      messageChanged: (message) => {
        transcript.messageChanged(message);
      },
      stateChanged: () => {
        if (this.current.id === id) this.refresh();
      },
    });
    const opened = { id, conversation, transcript, workDir, target: 0 };
    this.opened.set(id, opened);
    return opened;
  }

  private open(id: string, workDir: string): void {
    const opened = this.session(id, workDir);
    if (opened === this.current) {
      this.shell.closeDrawer();
      return;
    }
    history.pushState(null, "", address.of({ session: id, workDir }));
    this.show(opened);
    this.composer.field.focus();
  }

  private show(opened: Opened): void {
    if (this.current !== opened) this.connection.send({ type: "unsubscribe", session_id: this.current.id });
    this.current = opened;
    this.start_.workDir = opened.workDir;
    this.log.show(opened.transcript);
    this.subscribe();
    this.refresh();
    this.shell.closeDrawer();
  }

  private subscribe(): void {
    const { id, conversation } = this.current;
    this.connection.send({ type: "subscribe", session_id: id, after: conversation.lastSeq });
  }

  private linked(link: Link): void {
    if (link === "open") {
      this.connection.send({ type: "list", follow: true });
      this.subscribe();
    } else {
      for (const sent of this.sent) sent.isInDoubt = sent.id !== 0;
      const last = this.sent.findLast((sent) => sent.isInDoubt);
      if (last !== undefined) last.isTooLarge ||= this.connection.wasTooMuch;
    }
    this.shell.askForToken(link === "refused");
    this.refresh();
  }

  private received(frame: Frame): void {
    switch (frame.event) {
      case "list":
        this.listed = readList(frame.data);
        this.notifier.listed(this.listed);
        this.refresh();
        return;
      case "version":
        this.start_.offer(readVersion(frame.data));
        return;
      case "prompt":
        this.accepted(frame);
        break;
      case "error":
        // An interrupt that came too late did no harm.
        if (frame.requestId !== 0 && this.interrupts.delete(frame.requestId)) return;
        this.refused(frame);
        break;
    }
    const opened = frame.session === "" ? this.current : this.opened.get(frame.session);
    if (opened === undefined) return;
    opened.conversation.take(frame);
    if (frame.event === "subscribed") {
      const { first, last } = frame.data;
      opened.target = number(first) > number(last) ? 0 : number(last);
      this.resend(opened);
    }
    this.settle(opened);
  }

  private prompt(prompt: string): void {
    const { id, conversation } = this.current;
    const request: Json = { type: "execute", session_id: id, prompt, on_disconnect: "detach" };
    const isNew = conversation.turns.every((turn) => turn.number === 0) && !this.listed.some((one) => one.id === id);
    const workDir = isNew ? this.start_.workDir : conversation.workDir || this.current.workDir;
    if (workDir !== "") request["work_dir"] = workDir;
    if (isNew && this.start_.engine !== "") request["engine"] = this.start_.engine;
    this.current.workDir = workDir;
    this.sent.push({ session: id, request, id: this.connection.send(request), isInDoubt: false, isTooLarge: false });
    this.log.follow();
    this.refresh();
  }

  /** A prompt of this page has become a turn. */
  private accepted(frame: Frame): void {
    const at = this.sent.findIndex(
      (sent) =>
        sent.session === frame.session &&
        (frame.requestId === 0 ? sent.request["prompt"] === frame.data["text"] : sent.id === frame.requestId),
    );
    if (at >= 0) this.sent.splice(at, 1);
  }

  private refused(frame: Frame): void {
    const sent = this.sent.find((one) => one.id !== 0 && one.id === frame.requestId);
    if (sent !== undefined) this.giveBack(sent);
  }

  /** What was written is not lost. */
  private giveBack(sent: Sent): void {
    this.sent = this.sent.filter((one) => one !== sent);
    if (sent.session === this.current.id) this.composer.restore(text(sent.request["prompt"]));
  }

  /** What could not be sent goes out now that the link is back. */
  private resend(opened: Opened): void {
    for (const sent of this.sent) {
      if (sent.session === opened.id && sent.id === 0) sent.id = this.connection.send(sent.request);
    }
    this.refresh();
  }

  /**
   * What was sent before the link broke, and is not among what has happened since, did not arrive. It is given
   * back: to send it again by itself might do the work twice.
   */
  private settle(opened: Opened): void {
    if (opened.conversation.lastSeq < opened.target) return;
    const lost = this.sent.filter((one) => one.session === opened.id && one.isInDoubt);
    for (const sent of lost) {
      this.giveBack(sent);
      const why = sent.isTooLarge ? "It is longer than what the daemon takes at once." : "The connection broke before this prompt arrived.";
      opened.conversation.say({ level: "warning", title: "Not sent", text: why, hints: [] });
    }
  }

  private interrupt(): void {
    const { id, conversation } = this.current;
    if (conversation.current() === undefined) return;
    const isSecond = this.interruptedAt !== 0 && Date.now() - this.interruptedAt > INTERRUPT_PATIENCE_MS;
    if (this.interruptedAt === 0) this.interruptedAt = Date.now();
    const reason = "interrupted from the page";
    const request = isSecond ? { type: "stop", session_id: id, reason } : { type: "interrupt", session_id: id };
    this.interrupts.add(this.connection.send(request));
  }

  private unqueue(session: string, turn: Turn): void {
    this.interrupts.add(this.connection.send({ type: "interrupt", session_id: session, turn: turn.number }));
  }

  private decide(session: string, approval: Approval, allow: boolean, message: string, updatedInput: Json | null): void {
    const answer: Json = { type: allow ? "approve" : "deny", session_id: session, approval_id: approval.id };
    if (updatedInput !== null) answer["updated_input"] = updatedInput;
    if (message !== "") answer["message"] = message;
    this.connection.send(answer);
    this.composer.field.focus();
  }

  /** Shows what is known now. */
  private refresh(): void {
    const { id, conversation, workDir } = this.current;
    const listed = this.listed.find((one) => one.id === id);
    const isRunning = conversation.current() !== undefined;
    if (!isRunning) this.interruptedAt = 0;
    this.status.show(this.connection.link, conversation.state);
    this.status.count(listed);
    this.composer.setRunning(isRunning && this.connection.link === "open");
    this.sessions.show(this.listed, id, workDir);
    const unsent = this.sent.filter((sent) => sent.id === 0).length;
    this.composer.setNote(unsent === 0 ? "" : `Sent when the connection is back: ${unsent}`);
    const title = brief(listed?.title ?? "", 60) || brief(id, 60);
    this.shell.entitle(title, conversation.workDir || workDir, conversation.model || conversation.engine);
    this.start_.node.hidden = conversation.turns.length > 0 || this.sent.length > 0;
    document.title = `${this.notifier.mark}${title} · hotplex`;
  }
}
