import { throwIfAborted } from '../../../../contract/errors.ts';

/**
 * Does one piece of work for each item, so many at once, and hands on the results as they come, in no order. What waits
 * is bounded: no work is begun while `most` results wait for whoever reads them. When one fails or nobody reads on, the
 * others are called off by their signal, and are over before this is.
 *
 * @throws what `items` and `work` throw, the first of it; AppError CANCELED
 */
export async function* inFlight<T, R>(
  items: AsyncIterable<readonly T[]>,
  flow: { readonly atOnce: number; readonly most: number; readonly signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R[]> {
  const calledOff = new AbortController();
  const both = AbortSignal.any([flow.signal, calledOff.signal]);
  const under = { way: 0 };
  let ready: R[] = [];
  let failed: { readonly error: unknown } | undefined;
  let wake = (): void => {};

  const run = async (item: T): Promise<void> => {
    under.way++;
    try {
      const result = await work(item, both);
      ready.push(result);
    } catch (error) {
      failed ??= { error };
    } finally {
      under.way--;
      wake();
    }
  };
  const oneIsOver = async (): Promise<void> =>
    await new Promise((resolve) => {
      wake = resolve;
    });
  const check = (): void => {
    throwIfAborted(flow.signal);
    if (failed) throw failed.error;
  };
  const take = (): R[] => {
    const taken = ready;
    ready = [];
    return taken;
  };

  try {
    for await (const batch of items)
      for (const item of batch) {
        while (under.way >= flow.atOnce) await oneIsOver();
        check();
        void run(item);
        if (ready.length >= flow.most) yield take();
      }
    while (under.way > 0) {
      await oneIsOver();
      check();
      if (ready.length >= flow.most) yield take();
    }
    check();
    if (ready.length > 0) yield take();
  } finally {
    calledOff.abort();
    while (under.way > 0) await oneIsOver();
  }
}
