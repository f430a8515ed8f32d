/** The types say what the library says: a key or an option that is new there is missed here. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import * as hotplex from 'hotplex';
import type {
  Capabilities,
  Danger,
  Decision,
  EngineOptions,
  EngineStats,
  EventBase,
  GuardOptions,
  HotPlexEvent,
  Provider,
  SessionInfo,
  SessionStats,
  Tool,
  ToolResult,
  TurnStats,
  Verdict,
} from 'hotplex';

import { EngineHandle } from '#dist/handle';
import { ABI_VERSION, openLibrary } from '#dist/library';
import { CHECK, ENGINE, GUARD, TURN as TURN_KEYS, WARM_UP, decisionJson } from '#dist/options';
import {
  readEngineStats,
  readEvent,
  readProviders,
  readSessionStats,
  readSessions,
  readVerdict,
} from '#dist/reading';
import { camelCase, camelKeys } from '#dist/spelling';
import { Status } from '#dist/status';

import { LIBRARY, PACKAGE } from './support.mjs';

type Keys<T> = Record<keyof T, true>;

function assertKeys<T extends object>(given: T | undefined, keys: Keys<T>): void {
  assert.deepEqual(Object.keys(given ?? {}).sort(), Object.keys(keys).sort());
}

/** The names that the library offers when it refuses one. */
function offered(options: string): string[] {
  const library = openLibrary(LIBRARY);
  try {
    EngineHandle.open(library, options).free();
  } catch (error) {
    const [, ...names] = [...(error as Error).message.matchAll(/`(\w+)`/g)];
    return names.map(([, name = '']) => camelCase(name)).sort();
  }
  throw new Error('not refused');
}

test('every option of the library is an option here', () => {
  assert.deepEqual(offered('{"x":1}'), Object.keys(ENGINE satisfies Keys<EngineOptions>).sort());
  const guard = offered('{"guard":{"x":1}}');
  assert.deepEqual(guard, Object.keys(GUARD satisfies Keys<GuardOptions>).sort());
});

const TURN: Keys<TurnStats> = {
  startTime: true,
  endTime: true,
  totalDurationMs: true,
  thinkingDurationMs: true,
  toolDurationMs: true,
  generationDurationMs: true,
  inputTokens: true,
  outputTokens: true,
  cacheWriteTokens: true,
  cacheReadTokens: true,
  totalTokens: true,
  toolCallCount: true,
  toolsUsed: true,
  filesModified: true,
  filePaths: true,
  totalCostUsd: true,
  modelUsed: true,
  isError: true,
  errorMessage: true,
};

/** What all languages are held against. */
function schema(name: string): unknown {
  return JSON.parse(readFileSync(resolve(PACKAGE, '../../schema', name), 'utf8'));
}

/** Each example, respelled; the first has every key, the others may lack some. */
function assertExamples<T extends object>(
  name: string,
  read: (json: string) => T | undefined,
  keys: Keys<T>,
): void {
  const [full, ...others] = (schema(name) as object[]).map((it) => read(JSON.stringify(it)));
  assertKeys<T>(full, keys);
  for (const other of others) {
    for (const key of Object.keys(other ?? {})) assert.ok(key in keys, `${name}: ${key}`);
  }
}

test('sessions and figures have the keys of their types', () => {
  assertExamples<SessionInfo>('sessions.json', (json) => readSessions(`[${json}]`)[0], {
    sessionId: true,
    agentSessionId: true,
    provider: true,
    state: true,
    pid: true,
    pgid: true,
    workDir: true,
    createdMs: true,
    lastActiveMs: true,
    turns: true,
    queued: true,
    rssBytes: true,
    bufferedBytes: true,
    spare: true,
    jail: true,
    gitDirs: true,
    backgroundTasks: true,
  });
  assertExamples<EngineStats>('engine_stats.json', readEngineStats, {
    liveProcesses: true,
    sessions: true,
    readySpares: true,
    spawned: true,
    turnsCompleted: true,
    turnsNotCompleted: true,
    spareHits: true,
    spareMisses: true,
    hibernated: true,
    lostBackgroundEvents: true,
  });
  assertExamples<SessionStats>('session_stats.json', readSessionStats, {
    sessionId: true,
    turns: true,
    turnsCompleted: true,
    totalDurationMs: true,
    inputTokens: true,
    outputTokens: true,
    cacheWriteTokens: true,
    cacheReadTokens: true,
    totalTokens: true,
    toolCallCount: true,
    totalCostUsd: true,
    lastTurn: true,
  });
});

test('providers have the keys of their types', () => {
  assertExamples<Provider>('providers.json', (json) => readProviders(`[${json}]`)[0], {
    name: true,
    defaultProgram: true,
    program: true,
    lookedAt: true,
    version: true,
    testedVersions: true,
    capabilities: true,
  });
  const [full] = readProviders(JSON.stringify(schema('providers.json')));
  assertKeys<Capabilities>(full?.capabilities, {
    gate: true,
    toolGate: true,
    denialReason: true,
    updatedInput: true,
    interrupt: true,
    resume: true,
    deltas: true,
  });
});

const BASE: Keys<EventBase & { type: string }> = {
  type: true,
  turn: true,
  tag: true,
  sessionId: true,
  tMs: true,
};
const TOOL: Keys<Tool> = { id: true, name: true, input: true, summary: true, parent: true };

const RESULT_TOOL: Keys<ToolResult['tool']> = { id: true, name: true };
const TEXT = { ...BASE, text: true } as const;
const DANGER: Keys<Danger> = {
  operation: true,
  reason: true,
  rule: true,
  level: true,
  category: true,
  suggestions: true,
};

type OfType<T extends HotPlexEvent['type']> = Omit<
  Extract<HotPlexEvent, { type: T }>,
  'allow' | 'deny'
>;

const EVENTS: { [T in HotPlexEvent['type']]: Keys<OfType<T>> } = {
  session_start: {
    ...BASE,
    agentSessionId: true,
    resumed: true,
    model: true,
    tools: true,
    cwd: true,
    pid: true,
  },
  thinking: TEXT,
  answer: TEXT,
  thinking_delta: TEXT,
  answer_delta: TEXT,
  tool_use: { ...BASE, tool: true },
  tool_result: { ...BASE, tool: true, text: true, isError: true, durationMs: true },
  permission_request: { ...BASE, requestId: true, tool: true, reason: true },
  danger_block: { ...BASE, ...DANGER, tool: true },
  notice: { ...BASE, level: true, code: true, text: true },
  raw: { ...BASE, line: true },
  turn_end: { ...BASE, outcome: true, error: true, stats: true },
};

test('events have the keys of their types', () => {
  const seen = new Set<string>();
  for (const example of (schema('events.json') as object[])) {
    const event = readEvent(JSON.stringify(example));
    const keys = EVENTS[event.type];
    assert.ok(keys, event.type);
    if (seen.has(event.type)) {
      for (const key of Object.keys(event)) assert.ok(key in keys, `${event.type}: ${key}`);
      continue;
    }
    seen.add(event.type);
    assert.deepEqual(Object.keys(event).sort(), Object.keys(keys).sort());
    if (event.type === 'tool_use') assertKeys<Tool>(event.tool, TOOL);
    if (event.type === 'tool_result') assertKeys(event.tool, RESULT_TOOL);
    if (event.type === 'turn_end') assertKeys<TurnStats>(event.stats, TURN);
  }
  assert.deepEqual([...seen].sort(), Object.keys(EVENTS).sort());
  assert.deepEqual((schema('words.json') as Words).event_types.slice().sort(), [...seen].sort());
});

test('verdicts have the keys of their type', () => {
  const verdicts = (schema('verdicts.json') as object[]).map((it) => readVerdict(JSON.stringify(it)));
  assert.deepEqual(Object.keys(verdicts[0] ?? {}), ['verdict']);
  assertKeys<Verdict>(verdicts[2], { verdict: true, ...DANGER });
});

type Words = Record<string, string[]> & { event_types: string[] };

test('the words and the numbers are those of all languages', () => {
  const words: Record<string, readonly string[]> = {
    outcomes: hotplex.OUTCOMES,
    error_kinds: hotplex.ERROR_KINDS,
    notice_levels: hotplex.NOTICE_LEVELS,
    notice_codes: hotplex.NOTICE_CODES,
    session_states: hotplex.SESSION_STATES,
    verdicts: hotplex.VERDICTS,
    danger_levels: hotplex.DANGER_LEVELS,
    jails: hotplex.JAILS,
    tool_gates: hotplex.TOOL_GATES,
  };
  const { event_types: _, ...known } = (schema('words.json') as Words);
  assert.deepEqual(words, known);
  const abi = (schema('abi.json') as { abi_version: number; statuses: object });
  assert.equal(ABI_VERSION, abi.abi_version);
  const numbers = Object.entries(Status).map(([name, number]) => [name.toLowerCase(), number]);
  assert.deepEqual(Object.fromEntries(numbers), abi.statuses);
});

test('every option and every key of a call is known', () => {
  const known = (schema('options.json') as Record<string, { name: string; aliases?: string[] }[]>);
  const parts = { engine: ENGINE, guard: GUARD, turn: TURN_KEYS, warm_up: WARM_UP, check: CHECK };
  for (const [part, keys] of Object.entries(parts)) {
    const names = known[part]?.flatMap(({ name, aliases = [] }) => [name, ...aliases].map(camelCase)).sort();
    assert.deepEqual(Object.keys(keys).sort(), names, part);
  }
  for (const decision of known.decisions ?? []) {
    assert.doesNotThrow(() => decisionJson(camelKeys(decision) as unknown as Decision));
  }
});
