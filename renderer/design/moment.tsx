import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { ago, exactMoment, momentText } from './moments.ts';

/** A point in time: near ones as seen from now, the exact one when pointed at. */
export function Moment({ at, as = 'ago' }: { at: string; as?: 'ago' | 'date' }) {
  return (
    <Tooltip label={exactMoment(at)} openDelay={300} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at}>{as === 'ago' ? <Ago at={at} /> : momentText(at)}</time>
    </Tooltip>
  );
}

function Ago({ at }: { at: string }) {
  useSyncExternalStore(subscribe, tick);
  return ago(at);
}

/** How often what is seen from now is said anew. Milliseconds. */
const TICK = 20_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all of them, as long as there is any. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const one of listeners) one();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): number {
  return Math.floor(Date.now() / TICK);
}
