import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError, isAppError } from '../../../../contract/errors.ts';
import { sendIsolating, type Isolated } from './isolate.ts';

const BATCH = Array.from({ length: 500 }, (_, index) => index);

function refusal(status: number): AppError {
  return new AppError('REQUEST_REFUSED', `answered ${status}`, {
    details: { status, outcome: status === 500 ? 'unknown' : 'refused', serverMessage: `no ${status}` },
  });
}

interface Sent {
  readonly calls: number;
  readonly patientCalls: number;
  readonly pauses: number;
  readonly written: ReadonlySet<number>;
  readonly outcome: Isolated<number> | AppError;
}

/** A server that writes all of a part or nothing. @param answer the status for a part, at the nth call from 1 */
async function sent(
  items: readonly number[],
  answer: (part: readonly number[], call: number) => number,
): Promise<Sent> {
  let [calls, patientCalls, pauses] = [0, 0, 0];
  const written = new Set<number>();
  const outcome = await sendIsolating(items, {
    stumblesBefore: false,
    pause: async () => void pauses++,
    async send(part, patient) {
      if (patient) patientCalls++;
      const status = answer(part, ++calls);
      if (status !== 200) throw refusal(status);
      for (const item of part) written.add(item);
      await Promise.resolve();
    },
  }).catch((error: unknown) => {
    if (isAppError(error)) return error;
    throw error;
  });
  return { calls, patientCalls, pauses, written, outcome };
}

const failing = (bad: ReadonlySet<number>, status: number) => (part: readonly number[]) =>
  part.some((item) => bad.has(item)) ? status : 200;

const namesOf = (outcome: Isolated<number> | AppError) =>
  isAppError(outcome) ? outcome : outcome.refused.map(({ item }) => item).toSorted((a, b) => a - b);

function every(nth: number): Set<number> {
  return new Set(BATCH.filter((item) => item % nth === 0));
}

describe('records of a batch that the server does not take', () => {
  it.each([
    ['one', new Set([137]), 15],
    ['the first', new Set([0]), 22],
    ['2 %', every(50), 90],
    ['10 %', every(10), 280],
    ['every second', every(2), 520],
    ['fifty side by side', new Set(BATCH.slice(0, 50)), 75],
    ['all', new Set(BATCH), 515],
  ])('%s: each is named, all others are written', async (_what, bad, most) => {
    const { calls, written, outcome } = await sent(BATCH, failing(bad, 400));
    expect(namesOf(outcome)).toEqual([...bad]);
    expect(written.size).toBe(500 - bad.size);
    expect(calls).toBeLessThanOrEqual(most);
    if (!isAppError(outcome)) for (const { reason } of outcome.refused) expect(reason).toBe('no 400');
  });

  it('cost k·log2(n/k) calls, wherever they stand, and never more than about 2·n (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (n, share, draws) => {
          const items = BATCH.slice(0, n);
          const bad = new Set(items.filter(() => draws.next().value! < share * share));
          const { calls, written, outcome } = await sent(items, failing(bad, 422));
          expect(namesOf(outcome)).toEqual([...bad]);
          expect(written.size).toBe(n - bad.size);
          const k = Math.max(1, bad.size);
          expect(calls).toBeLessThanOrEqual(Math.min(2 * n, 2 * k * Math.log2(n / k) + 3 * k) + 25);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a server that takes no more than thirty at a time gets no more', async () => {
    const { calls, written, outcome } = await sent(BATCH, (part) =>
      part.length > 30 ? 413 : part.includes(77) ? 400 : 200,
    );
    expect(namesOf(outcome)).toEqual([77]);
    expect(written.size).toBe(499);
    expect(calls).toBeLessThan(100);
  });
});

describe('records that the server answers 500 to', () => {
  it.each([
    ['one', new Set([137]), 14],
    ['10 %', every(10), 330],
    ['a hundred side by side', new Set(BATCH.slice(0, 100)), 240],
    ['a hundred side by side at the end', new Set(BATCH.slice(400)), 240],
  ])('%s: each is named, all others are written', async (_what, bad, most) => {
    const { calls, patientCalls, pauses, written, outcome } = await sent(BATCH, failing(bad, 500));
    expect(namesOf(outcome)).toEqual([...bad]);
    expect(written.size).toBe(500 - bad.size);
    expect(calls).toBeLessThanOrEqual(most);
    // Waiting out a 500 takes half a minute: not once for each.
    expect(patientCalls).toBeLessThanOrEqual(5);
    expect(pauses).toBe(1);
    if (!isAppError(outcome))
      expect(outcome.refused[0]?.reason).toBe(
        'The server answered 500 each time this record was sent alone: no 500.',
      );
  });

  it('one record that is all there is, is named', async () => {
    const { outcome } = await sent([1], () => 500);
    expect(namesOf(outcome)).toEqual([1]);
  });

  it('when it is all of them, the server is not well: nobody is blamed, and it ends soon', async () => {
    const { calls, outcome } = await sent(BATCH, () => 500);
    expect(outcome).toMatchObject({ code: 'REQUEST_REFUSED', details: { status: 500 } });
    expect((outcome as AppError).message).toContain('no single record is to blame');
    expect(calls).toBeLessThanOrEqual(50);
  });

  it('a server whose end comes in the middle of a batch blames nobody of the rest', async () => {
    const { written, outcome } = await sent(BATCH, (part, call) =>
      call > 20 ? 500 : failing(every(100), 500)(part),
    );
    expect(outcome).toMatchObject({ details: { status: 500 } });
    expect(written.size).toBeGreaterThan(0);
  });

  it('a server that is not well for a while blames nobody', async () => {
    for (const length of [1, 10, 20, 33, 36]) {
      const { written, outcome } = await sent(BATCH, (_part, call) => (call <= length ? 500 : 200));
      expect(namesOf(outcome)).toEqual([]);
      expect(written.size).toBe(500);
    }
  });

  it('beside refused ones', async () => {
    const { written, outcome } = await sent(BATCH, (part) =>
      part.includes(3) ? 500 : part.includes(400) ? 409 : 200,
    );
    expect(namesOf(outcome)).toEqual([3, 400]);
    expect(written.size).toBe(498);
  });

  it('a server that goes away meanwhile ends it', async () => {
    const { outcome } = await sent(BATCH, (_part, call) => (call < 6 ? 500 : 503));
    expect(outcome).toMatchObject({ details: { status: 503 } });
  });
});
