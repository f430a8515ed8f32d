/** Tells somebody who looks elsewhere that a session waits for them or has ended its turn. */

import { brief, honest } from "./clean.ts";
import type { Listed, State } from "./protocol.ts";

const KEY = "hotplex.notify";

export class Notifier {
  private readonly before = new Map<string, State>();
  private news = 0;

  constructor(private readonly open: (session: Listed) => void) {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.news = 0;
    });
  }

  get isOn(): boolean {
    return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(KEY) === "on";
  }

  /** Switches it on, if the browser lets it, or off. */
  async toggle(): Promise<boolean> {
    if (this.isOn) {
      localStorage.setItem(KEY, "off");
      return false;
    }
    if (!("Notification" in window) || (await Notification.requestPermission()) !== "granted") return false;
    localStorage.setItem(KEY, "on");
    return true;
  }

  /** Compares the list with the last one. */
  listed(sessions: Listed[]): void {
    for (const session of sessions) {
      const before = this.before.get(session.id);
      this.before.set(session.id, session.state);
      if (before === undefined || before === session.state) continue;
      if (session.state === "waiting") this.tell(session, "waits for you");
      else if (isIdle(session.state) && !isIdle(before)) this.tell(session, "is ready");
    }
  }

  /** Before the title of a page that is not looked at. */
  get mark(): string {
    return this.news > 0 ? `(${this.news}) ` : "";
  }

  private tell(session: Listed, what: string): void {
    if (!document.hidden && document.hasFocus()) return;
    this.news += 1;
    if (!this.isOn) return;
    try {
      const note = new Notification(`${brief(session.title, 60) || brief(honest(session.id), 60)} ${what}`, {
        body: brief(session.approvals[0]?.tool.summary ?? "", 200),
        tag: session.id,
      });
      note.onclick = () => {
        window.focus();
        this.open(session);
        note.close();
      };
    } catch {
      // Some phones have the class and refuse its use; the title says it too.
    }
  }
}

function isIdle(state: State): boolean {
  return state === "ready" || state === "ended";
}
