/** One listener for all turns of a signal: Node warns of a leak when a signal has more than ten. */

const actions = new WeakMap<AbortSignal, Set<() => void>>();

/** Does it when the signal is aborted, unless the function that this returns was called. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const waiting = actions.get(signal) ?? listen(signal);
  waiting.add(act);
  return () => waiting.delete(act);
}

function listen(signal: AbortSignal): Set<() => void> {
  const waiting = new Set<() => void>();
  actions.set(signal, waiting);
  signal.addEventListener('abort', () => waiting.forEach((act) => act()), { once: true });
  return waiting;
}
