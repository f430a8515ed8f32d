/** What the tests share: engines over the stand-in agent, and a look at what processes there are. */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { HotPlex } from 'hotplex';
import type { ExecuteOptions, HotPlexEvent, HotPlexOptions, Turn } from 'hotplex';

/** The folder of the package. */
export const PACKAGE = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where cargo has put what this needs. */
export const LIBRARY =
  process.env.HOTPLEX_LIBRARY || resolve(PACKAGE, '../../target/release/libhotplex.so');
export const AGENT = process.env.HOTPLEX_STAND_IN || join(dirname(LIBRARY), 'stand-in-agent');

for (const needed of [LIBRARY, AGENT]) {
  if (!existsSync(needed)) throw new Error(`${needed} is missing: \`make test-node\` builds it`);
}

/**
 * The home of this process and of all that it starts: engines make directories at home for their
 * agents, and no test may leave any at that of whoever runs it.
 */
const HOME = mkdtempSync(join(tmpdir(), 'hotplex-node-home-'));
process.env.npm_config_cache ??= join(homedir(), '.npm');
process.env.HOME = HOME;
process.on('exit', () => {
  rmSync(HOME, { recursive: true, force: true, maxRetries: 10 });
});

/**
 * The caches of whoever runs the tests are not shown to jailed agents: each engine would lay thousands of
 * links below its state directory, which took more time than all else of a test (measured).
 */
const NO_CACHES = { CARGO_HOME: null, npm_config_cache: null };

/** How long anything may take that takes an instant when the machine is idle. */
export const PATIENCE_MS = 30_000;

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'hotplex-node-'));
  /** Whatever the stage's agents start carries it in its environment. */
  readonly mark = `HOTPLEX_TEST=${randomUUID()}`;

  readonly #engines: HotPlex[] = [];

  constructor(test: TestContext) {
    test.after(async () => {
      await Promise.all(this.#engines.map((engine) => engine.close({ graceMs: 0 })));
      // Engines of other threads and processes may write their last records yet.
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
    });
  }

  /** An engine that is closed when the test ends. */
  open(more: HotPlexOptions = {}): HotPlex {
    const engine = new HotPlex(this.options(more));
    this.#engines.push(engine);
    return engine;
  }

  get workDir(): string {
    return join(this.folder, 'work');
  }

  options(more: HotPlexOptions = {}): HotPlexOptions {
    const [name, value] = this.mark.split('=') as [string, string];
    return {
      program: AGENT,
      stateDir: join(this.folder, 'state'),
      killGraceMs: 1000,
      ...more,
      env: { [name]: value, ...NO_CACHES, ...more.env },
    };
  }

  /** The processes that the stage's agents have started and are, but for zombies. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && this.#isMarked(name))
      .map(Number);
  }

  async assertNothingIsLeft(): Promise<void> {
    await until(() => this.processes().length === 0, 'a process of the stage is left');
  }

  #isMarked(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.mark);
    } catch {
      return false;
    }
  }
}

/** A stage with an engine. */
export function open(
  test: TestContext,
  more: HotPlexOptions = {},
): { engine: HotPlex; stage: Stage } {
  const stage = new Stage(test);
  return { engine: stage.open(more), stage };
}

/** Starts a turn in session `a`, unless another is named. */
export function run(
  { engine, stage }: { engine: HotPlex; stage: Stage },
  prompt: string,
  more: Partial<ExecuteOptions> = {},
): Turn {
  return engine.execute({ sessionId: 'a', workDir: stage.workDir, prompt, ...more });
}

export async function all(turn: AsyncIterable<HotPlexEvent>): Promise<HotPlexEvent[]> {
  const events = [];
  for await (const event of turn) events.push(event);
  return events;
}

type OfType<T> = Extract<HotPlexEvent, { type: T }>;

/** The events of a type. */
export function these<T extends HotPlexEvent['type']>(
  events: HotPlexEvent[],
  type: T,
): OfType<T>[] {
  return events.filter((event): event is OfType<T> => event.type === type);
}

/** Reads on to the first event of a type. */
export async function next<T extends HotPlexEvent['type']>(
  turn: Turn,
  type: T,
): Promise<OfType<T>> {
  for (;;) {
    const { done, value } = await turn.next();
    if (done) throw new Error(`the turn ended without ${type}`);
    if (value.type === type) return value as OfType<T>;
  }
}

/** Waits until it is so, at most for as long as patience lasts. */
export async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await delay(10);
  }
}
