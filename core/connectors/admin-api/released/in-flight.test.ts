import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../../contract/errors.ts';
import { inFlight } from './in-flight.ts';

const never = new AbortController().signal;

async function* numbers(count: number, each = 10): AsyncGenerator<number[]> {
  for (let at = 0; at < count; at += each) {
    await new Promise(setImmediate);
    yield Array.from({ length: Math.min(each, count - at) }, (_, i) => at + i);
  }
}

const soon = async (ms: number, signal: AbortSignal): Promise<void> =>
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('called off'));
    });
  });

describe('work in flight', () => {
  it('gives every result once, with no more at once than allowed', async () => {
    let now = 0;
    let most = 0;
    const results: number[] = [];
    const work = async (number: number, signal: AbortSignal): Promise<number> => {
      most = Math.max(most, ++now);
      if (number % 3 > 0) await soon(number % 4, signal);
      now--;
      return number;
    };
    for await (const batch of inFlight(numbers(500), { atOnce: 7, most: 40, signal: never }, work)) {
      expect(batch.length).toBeLessThanOrEqual(47);
      results.push(...batch);
      await new Promise(setImmediate);
    }
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(most).toBe(7);
  });

  it('calls off the rest when one fails, and gives the first failure', async () => {
    const begun: number[] = [];
    let under = 0;
    const work = async (number: number, signal: AbortSignal): Promise<number> => {
      begun.push(number);
      under++;
      try {
        if (number === 12) throw new Error('twelve');
        await soon(number < 12 ? 1 : 5_000, signal);
        return number;
      } finally {
        under--;
      }
    };
    const run = (async () => {
      for await (const _batch of inFlight(numbers(500), { atOnce: 5, most: 40, signal: never }, work));
    })();
    await expect(run).rejects.toThrow('twelve');
    expect(under).toBe(0);
    expect(Math.max(...begun)).toBeLessThan(20);
  });

  it('ends what it began when nobody reads on, and when it is canceled', async () => {
    let under = 0;
    const work = async (_number: number, signal: AbortSignal): Promise<number> => {
      under++;
      try {
        await soon(2, signal);
        return 1;
      } finally {
        under--;
      }
    };
    for await (const _batch of inFlight(numbers(500), { atOnce: 5, most: 3, signal: never }, work)) break;
    expect(under).toBe(0);
    const abort = new AbortController();
    const run = (async () => {
      for await (const _batch of inFlight(numbers(500), { atOnce: 5, most: 3, signal: abort.signal }, work))
        abort.abort();
    })();
    await expect(run).rejects.toSatisfy((error) => isAppError(error, 'CANCELED'));
    expect(under).toBe(0);
  });
});
