/** The connection to the daemon. It comes back by itself until the token is refused. */

import { type Frame, type Json, readFrame } from "./protocol.ts";

export type Link = "connecting" | "open" | "lost" | "refused";

export interface Listener {
  /** The link is up, down or refused. */
  linked(link: Link): void;
  received(frame: Frame): void;
}

/** Close code of a token that is missing or wrong. */
const REFUSED = 4401;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** A link that says nothing for this long is dead: a ping is sent at half of it. */
const SILENCE_MS = 40_000;

/** Close code of a message that is longer than the daemon takes. */
const TOO_LARGE = 1009;

export class Connection {
  link: Link = "connecting";
  /** The last link was closed because of a message that was too large. */
  wasTooMuch = false;
  private socket: WebSocket | null = null;
  private pause = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heardAt = 0;
  private lastId = 0;

  constructor(
    private readonly listener: Listener,
    private readonly token: () => string,
  ) {
    addEventListener("online", () => {
      this.hurry();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.hurry();
    });
    setInterval(() => {
      this.watch();
    }, SILENCE_MS / 4);
  }

  open(): void {
    clearTimeout(this.timer);
    this.socket?.close();
    const token = this.token();
    const protocols = ["hotplex.v1"];
    // A token that cannot be a subprotocol is refused without being sent.
    if (/^[\w.~+/=-]+$/.test(token)) protocols.push(`hotplex-api-${token}`);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    let socket: WebSocket;
    try {
      socket = new WebSocket(`${scheme}//${location.host}/ws/v1/agent`, protocols);
    } catch {
      this.become("refused");
      return;
    }
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => {
      // A refused token shows as a close after this; the first frame is the proof.
      this.request({ type: "version" }, socket);
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (socket === this.socket) this.take(message.data);
    };
    socket.onclose = (close) => {
      if (socket === this.socket) this.closed(close.code);
    };
  }

  /** Sends a request; its number, or 0 if there is no link. */
  send(request: Json): number {
    return this.link === "open" && this.socket !== null ? this.request(request, this.socket) : 0;
  }

  private request(request: Json, socket: WebSocket): number {
    if (socket.readyState !== WebSocket.OPEN) return 0;
    this.lastId += 1;
    socket.send(JSON.stringify({ ...request, request_id: this.lastId }));
    return this.lastId;
  }

  private take(data: unknown): void {
    this.heardAt = Date.now();
    const frame = typeof data === "string" ? readFrame(data) : null;
    if (frame === null) return;
    if (this.link !== "open") {
      this.pause = FIRST_PAUSE_MS;
      this.become("open");
    }
    this.listener.received(frame);
  }

  private closed(code: number): void {
    this.socket = null;
    this.wasTooMuch = code === TOO_LARGE;
    if (code === REFUSED) {
      this.become("refused");
      return;
    }
    this.become("lost");
    // Not all at the same moment, when a daemon comes back to many.
    const pause = this.pause * (0.75 + Math.random() / 2);
    this.pause = Math.min(this.pause * 1.7, LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => {
      this.open();
    }, pause);
  }

  private become(link: Link): void {
    this.link = link;
    this.listener.linked(link);
  }

  private hurry(): void {
    if (this.link === "lost" && this.socket === null) this.open();
  }

  private watch(): void {
    const silent = Date.now() - this.heardAt;
    if (this.socket === null || silent < SILENCE_MS / 2) return;
    if (silent < SILENCE_MS) {
      this.send({ type: "ping" });
      return;
    }
    const socket = this.socket;
    // Its close may take minutes on a dead link.
    this.closed(1006);
    socket.close();
  }
}
