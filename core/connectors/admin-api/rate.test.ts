import { describe, expect, it } from 'vitest';
import { RateLimiter, type Passage } from './rate.ts';
import type { Time } from './settings.ts';

const signal = new AbortController().signal;

/** A clock that is advanced by whoever sleeps; sleepers wake in the order of their times. */
function madeTime(): Time & { at: number; advance(ms: number): Promise<void> } {
  const sleepers: { until: number; wake: () => void }[] = [];
  return {
    at: 1_000,
    now() {
      return this.at;
    },
    random: () => 0.5,
    async sleep(ms, aborted) {
      const until = this.at + ms;
      await new Promise<void>((resolve, reject) => {
        sleepers.push({ until, wake: resolve });
        aborted.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      });
    },
    async advance(ms) {
      this.at += ms;
      for (const sleeper of sleepers) if (sleeper.until <= this.at) sleeper.wake();
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function countIn(limiter: RateLimiter, calls: number): { in: Passage[] } {
  const through: { in: Passage[] } = { in: [] };
  for (let call = 0; call < calls; call++)
    void limiter.enter(signal).then((passage) => through.in.push(passage));
  return through;
}

describe('calls at a time', () => {
  it('are no more than allowed, and go in the order they came', async () => {
    const limiter = new RateLimiter({ concurrency: 3 }, madeTime());
    const through = countIn(limiter, 5);
    await settle();
    expect(through.in).toHaveLength(3);
    through.in[0]!.leave('fine');
    through.in[0]!.leave('fine');
    await settle();
    expect(through.in).toHaveLength(4);
  });

  it('a canceled one gives its place in the queue up, and takes none', async () => {
    const limiter = new RateLimiter({ concurrency: 1 }, madeTime());
    const first = await limiter.enter(signal);
    const abort = new AbortController();
    const canceled = thrown(limiter.enter(abort.signal));
    const later = countIn(limiter, 1);
    abort.abort();
    expect(await canceled).toMatchObject({ code: 'CANCELED' });
    first.leave('fine');
    await settle();
    expect(later.in).toHaveLength(1);
    await expect(limiter.enter(abort.signal)).rejects.toMatchObject({ code: 'CANCELED' });
  });

  it('are halved once by an overload that several calls meet, down to one, and grow by one a round', async () => {
    const limiter = new RateLimiter({ concurrency: 16 }, madeTime());
    const passages = await Promise.all(Array.from({ length: 16 }, async () => await limiter.enter(signal)));
    for (const passage of passages) passage.leave('overloaded');
    expect(limiter.allowed).toBe(8);
    for (const expected of [4, 2, 1, 1]) {
      (await limiter.enter(signal)).leave('overloaded');
      expect(limiter.allowed).toBe(expected);
    }
    (await limiter.enter(signal)).leave('fine');
    expect(limiter.allowed).toBe(2);
    (await limiter.enter(signal)).leave('fine');
    expect(limiter.allowed).toBe(2);
    (await limiter.enter(signal)).leave('fine');
    expect(limiter.allowed).toBe(3);
    for (let call = 0; call < 1_000; call++) (await limiter.enter(signal)).leave('fine');
    expect(limiter.allowed).toBe(16);
  });

  it('a failure that says nothing of the load changes nothing', async () => {
    const limiter = new RateLimiter({ concurrency: 4 }, madeTime());
    for (let call = 0; call < 50; call++) (await limiter.enter(signal)).leave('other');
    expect(limiter.allowed).toBe(4);
  });
});

describe('latency', () => {
  async function answer(limiter: RateLimiter, time: ReturnType<typeof madeTime>, ms: number, kind = 'GET a') {
    const passage = await limiter.enter(signal);
    time.at += ms;
    passage.answered(kind);
    passage.leave('fine');
  }

  it('that rises clearly above what it was lately halves the calls at a time', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 16 }, time);
    for (let call = 0; call < 40; call++) await answer(limiter, time, 50);
    expect(limiter.allowed).toBe(16);
    for (let call = 0; call < 40 && limiter.allowed === 16; call++) await answer(limiter, time, 800);
    expect(limiter.allowed).toBe(8);
  });

  it('of some milliseconds, and of single slow calls, is none', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 16 }, time);
    for (let call = 0; call < 200; call++) await answer(limiter, time, call % 50 === 49 ? 2_000 : 2);
    for (let call = 0; call < 100; call++) await answer(limiter, time, 40);
    expect(limiter.allowed).toBe(16);
  });

  it('of another kind of call is another matter', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 16 }, time);
    for (let call = 0; call < 100; call++) await answer(limiter, time, 20);
    for (let call = 0; call < 100; call++) await answer(limiter, time, 2_000, 'GET b');
    expect(limiter.allowed).toBe(16);
  });

  it('of a server that is slow for good becomes what is usual', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 2 }, time);
    for (let call = 0; call < 40; call++) await answer(limiter, time, 50);
    for (let call = 0; call < 400; call++) await answer(limiter, time, 1_000);
    expect(limiter.allowed).toBe(2);
  });
});

describe('requests a second', () => {
  it('are no more than allowed, also after a time without any', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 100, requestsPerSecond: 10 }, time);
    time.at += 60_000;
    const through = countIn(limiter, 30);
    await settle();
    for (let ms = 0; ms < 1_000; ms += 10) await time.advance(10);
    expect(through.in.length).toBeGreaterThanOrEqual(9);
    expect(through.in.length).toBeLessThanOrEqual(11);
    for (let ms = 0; ms < 1_000; ms += 10) await time.advance(10);
    expect(through.in.length).toBeGreaterThanOrEqual(19);
    expect(through.in.length).toBeLessThanOrEqual(21);
  });

  it('who waits for a turn can be canceled, and leaves its place', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 2, requestsPerSecond: 0.1 }, time);
    const abort = new AbortController();
    await limiter.enter(signal);
    const canceled = thrown(limiter.enter(abort.signal));
    abort.abort();
    expect(await canceled).toMatchObject({ message: 'aborted' });
    const later = countIn(limiter, 1);
    await time.advance(30_000);
    expect(later.in).toHaveLength(1);
  });
});

describe('a pause', () => {
  it('holds every call back until it is over; a longer one counts', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 8 }, time);
    const over: string[] = [];
    void limiter.pause(5_000, signal).then(() => over.push('short'));
    void limiter.pause(8_000, signal).then(() => over.push('long'));
    const through = countIn(limiter, 3);
    await time.advance(5_000);
    expect(over).toEqual(['short']);
    expect(through.in).toHaveLength(0);
    await time.advance(3_000);
    expect(over).toEqual(['short', 'long']);
    expect(through.in).toHaveLength(3);
  });

  it('can be canceled by each who waits, and ends for all when the client is closed', async () => {
    const time = madeTime();
    const limiter = new RateLimiter({ concurrency: 1 }, time);
    const abort = new AbortController();
    const paused = limiter.pause(60_000, signal);
    const waiting = thrown(limiter.enter(abort.signal));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELED' });
    limiter.close();
    await expect(paused).rejects.toThrow('aborted');
  });
});
