const WATCHED = new WeakMap<AbortSignal, Watch>();

interface Watch {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/**
 * Calls back when a signal fires, for the many short works that share one. Each with a listener of its own would chain
 * them: one that was removed still points to that which was added after it, so that as soon as one has become old, all
 * the calls after it, with their answers, become old as well and fill memory until the next full garbage collection.
 *
 * @returns to be called when it need not be called back any more
 */
export function watchAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = watchOf(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || WATCHED.get(signal)?.listener !== listener) return;
    signal.removeEventListener('abort', listener);
    WATCHED.delete(signal);
  };
}

function watchOf(signal: AbortSignal): Watch {
  const watched = WATCHED.get(signal);
  if (watched) return watched;
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  const watch = { callbacks, listener };
  WATCHED.set(signal, watch);
  signal.addEventListener('abort', listener, { once: true });
  return watch;
}
