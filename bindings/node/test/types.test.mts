/** The types say what the library says: a key or an option that is new there is missed here. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type {
  DangerBlock,
  EngineOptions,
  EngineStats,
  EventBase,
  GuardOptions,
  HotPlexEvent,
  Notice,
  PermissionRequest,
  SessionInfo,
  SessionStart,
  SessionStats,
  Tool,
  ToolResult,
  TurnEnd,
  TurnStats,
} from 'hotplex';

import { EngineHandle } from '#dist/handle';
import { openLibrary } from '#dist/library';
import { ENGINE, GUARD } from '#dist/options';
import { camelCase } from '#dist/spelling';

import { LIBRARY, all, open, run, these } from './support.mjs';

type Keys<T> = Record<keyof T, true>;

function assertKeys<T extends object>(given: object | undefined, keys: Keys<T>): void {
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

test('sessions and figures have the keys of their types', async (t) => {
  const on = open(t);
  const end = await run(on, '!status 500').wait();
  assertKeys<TurnStats>(end.stats, TURN);
  assertKeys<SessionInfo>(on.engine.sessions()[0], {
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
  });
  assertKeys<EngineStats>(on.engine.stats(), {
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
  assertKeys<SessionStats>(on.engine.stats('a'), {
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

const BASE: Keys<EventBase & { type: string }> = {
  type: true,
  turn: true,
  sessionId: true,
  tMs: true,
};
const TOOL: Keys<Tool> = { id: true, name: true, input: true, summary: true };

test('events have the keys of their types', async (t) => {
  const on = open(t);
  const script =
    '!tool Read {"file_path":"x"}\n!raw no json\n!tool Write {"file_path":"/etc/motd"}\n!status 500';
  const onPermission = () => ({ behavior: 'allow' }) as const;
  const events = await all(run(on, script, { onPermission }));
  const one = <T extends HotPlexEvent['type']>(type: T) => these(events, type)[0];
  assertKeys<SessionStart>(one('session_start'), {
    ...BASE,
    agentSessionId: true,
    resumed: true,
    model: true,
    tools: true,
    cwd: true,
    pid: true,
  });
  assertKeys<Tool>(one('tool_use')?.tool, TOOL);
  const result = { ...BASE, tool: true, text: true, isError: true, durationMs: true } as const;
  assertKeys<ToolResult>(one('tool_result'), result);
  const request = { ...BASE, requestId: true, tool: true, reason: true } as const;
  assertKeys<Omit<PermissionRequest, 'allow' | 'deny'>>(one('permission_request'), request);
  assertKeys<Notice>(one('notice'), { ...BASE, level: true, code: true, text: true });
  assertKeys<TurnEnd>(one('turn_end'), { ...BASE, outcome: true, error: true, stats: true });
  assertKeys<DangerBlock>(one('danger_block'), {
    ...BASE,
    operation: true,
    reason: true,
    rule: true,
    level: true,
    category: true,
    suggestions: true,
    tool: true,
  });
});
