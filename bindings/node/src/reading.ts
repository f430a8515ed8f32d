/** The library's JSON as the objects that callers get. */

import type {
  EngineStats,
  HotPlexEvent,
  Provider,
  SessionInfo,
  SessionStats,
  Verdict,
} from './events.js';
import { camelKeys } from './spelling.js';

function parsed(json: string): Record<string, unknown> {
  return camelKeys(JSON.parse(json) as object);
}

/** What a tool is called with keeps its names: they are the tool's, not ours. */
export function readEvent(line: string): HotPlexEvent {
  const event = parsed(line);
  if (event.stats) event.stats = camelKeys(event.stats);
  return event as unknown as HotPlexEvent;
}

export function readSessions(json: string): SessionInfo[] {
  return (JSON.parse(json) as object[]).map(
    (session) => camelKeys(session) as unknown as SessionInfo,
  );
}

export function readSessionStats(json: string): SessionStats {
  const stats = parsed(json);
  if (stats.lastTurn) stats.lastTurn = camelKeys(stats.lastTurn);
  return stats as unknown as SessionStats;
}

export function readEngineStats(json: string): EngineStats {
  return parsed(json) as unknown as EngineStats;
}

export function readProviders(json: string): Provider[] {
  return (JSON.parse(json) as object[]).map((it) => {
    const provider = camelKeys(it);
    provider.capabilities = camelKeys(provider.capabilities as object);
    return provider as unknown as Provider;
  });
}

export function readVerdict(json: string): Verdict {
  return parsed(json) as unknown as Verdict;
}
