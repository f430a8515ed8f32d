/**
 * A hotplexd of its own for each test, over the stand-in agent, on a port that the system chooses. Where
 * `tests/real` of the engine names the real agent and a place to work in, over that one.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env["HOTPLEXD"] ?? "";
const STAND_IN = process.env["HOTPLEX_STAND_IN"] ?? "";
const REAL_OPTIONS = process.env["HOTPLEX_REAL_OPTIONS"];
const PLACE = process.env["HOTPLEX_REAL_WORK_DIR"] ?? tmpdir();

export class Daemon {
  readonly root: string;
  readonly work: string;
  port = 0;
  private child: ChildProcess | null = null;

  private constructor(private readonly flags: string[]) {
    mkdirSync(PLACE, { recursive: true });
    this.root = realpathSync(mkdtempSync(join(PLACE, "hotplex page ")));
    this.work = join(this.root, "my project");
    for (const name of [this.work, join(this.root, "store"), join(this.root, "home")]) mkdirSync(name);
  }

  static async start(flags: string[] = []): Promise<Daemon> {
    const isNamed = PROGRAM !== "" && (STAND_IN !== "" || REAL_OPTIONS !== undefined);
    assert.ok(isNamed, "HOTPLEXD and HOTPLEX_STAND_IN name the programs");
    const daemon = new Daemon(flags);
    await daemon.serve();
    return daemon;
  }

  private options(): object {
    const standIn = {
      program: STAND_IN,
      jail_roots: [this.root],
      kill_grace_ms: 2000,
      env: { STAND_IN_STORE: join(this.root, "store") },
    };
    const agent = REAL_OPTIONS === undefined ? standIn : (JSON.parse(REAL_OPTIONS) as object);
    return { ...agent, state_dir: join(this.root, "state") };
  }

  /** Starts it, once more at the same port if it has had one. */
  async serve(): Promise<void> {
    const log = openSync(join(this.root, "log"), "a");
    const child = spawn(
      PROGRAM,
      [
        "serve", "--listen", `127.0.0.1:${this.port}`, "--work-root", this.work, "--engine-options", JSON.stringify(this.options()),
        "--token-file", join(this.root, "token"), "--grace", "1s", ...this.flags,
      ],
      {
        cwd: this.root,
        env: { ...process.env, HOME: join(this.root, "home"), XDG_STATE_HOME: join(this.root, "state"), PORT: undefined },
        stdio: ["ignore", "pipe", log],
      },
    );
    closeSync(log);
    this.child = child;
    const port = await Promise.race([firstPort(child), once(child, "exit").then(() => 0)]);
    assert.ok(port > 0, `the daemon does not start: ${this.log()}`);
    this.port = port;
  }

  log(): string {
    return readFileSync(join(this.root, "log"), "utf8");
  }

  get token(): string {
    return readFileSync(join(this.root, "token"), "utf8").trim();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The page's address with a session and the token. */
  url(session: string): string {
    const query = new URLSearchParams({ session, work_dir: this.work });
    return `${this.origin}/?${query.toString()}#token=${this.token}`;
  }

  /** Ends it by this signal and waits for it. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function firstPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) return 0;
  for await (const line of createInterface(child.stdout)) {
    child.stdout.resume();
    return Number(/^http:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1] ?? 0);
  }
  return 0;
}
