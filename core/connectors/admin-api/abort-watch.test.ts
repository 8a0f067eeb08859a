import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchAbort } from './abort-watch.ts';

describe('watching a signal', () => {
  it('calls back each that still watches, once', () => {
    const abort = new AbortController();
    const called: string[] = [];
    watchAbort(abort.signal, () => called.push('first'));
    const unwatch = watchAbort(abort.signal, () => called.push('second'));
    watchAbort(abort.signal, () => called.push('third'));
    unwatch();
    abort.abort();
    abort.abort();
    expect(called).toEqual(['first', 'third']);
  });

  it('takes one listener, whoever watches, and none when nobody does', () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, 'abort').length;
    const unwatch = Array.from({ length: 20 }, () => watchAbort(signal, () => {}));
    expect(listeners()).toBe(1);
    for (const each of unwatch) each();
    for (const each of unwatch) each();
    expect(listeners()).toBe(0);
    const again = watchAbort(signal, () => {});
    // One that has left before must not take away the listener of those who came since.
    unwatch[0]!();
    expect(listeners()).toBe(1);
    again();
    expect(listeners()).toBe(0);
  });
});
