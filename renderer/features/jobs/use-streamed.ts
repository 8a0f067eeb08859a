import { useEffect, useRef, useState } from 'react';
import type { AppClient } from '../../client/connection.ts';
import { useClient } from '../../client/use-client.tsx';

export interface Streamed<T> {
  readonly rows: readonly T[];
  readonly error: unknown;
  /** Nothing more is to come. */
  readonly ended: boolean;
  readonly loading: boolean;
  /** Reads some more of what the engine holds ready. */
  readonly more: () => void;
}

/**
 * Reads what the engine streams, a part at a time: what is not asked for stays there, so that a list of any length costs
 * no more than what is shown of it.
 *
 * @param key which state of it is streamed: begins anew when it changes. Another list is another component
 */
export function useStreamed<T>(
  key: string,
  start: (client: AppClient, signal: AbortSignal) => Promise<AsyncIterable<readonly T[]>>,
  part = 200,
): Streamed<T> {
  const client = useClient();
  const reader = useRef<PartReader<T>>(undefined);
  const wanted = useRef(part);
  const [state, setState] = useState<Omit<Streamed<T>, 'more'>>(NOTHING);
  const read = (from: PartReader<T>, size: number, isFirst: boolean): void => {
    setState((before) => ({ ...before, loading: true }));
    from.next(size).then(
      ({ rows, ended }) =>
        reader.current === from &&
        setState((before) => ({
          rows: isFirst ? rows : [...before.rows, ...rows],
          error: undefined,
          ended,
          loading: false,
        })),
      (error: unknown) =>
        reader.current === from && setState((before) => ({ ...before, error, ended: true, loading: false })),
    );
  };
  useEffect(() => {
    const stop = new AbortController();
    const from = new PartReader(() => start(client, stop.signal));
    reader.current = from;
    // What is shown of the state before stays until there is as much of this one.
    read(from, wanted.current, true);
    return () => {
      reader.current = undefined;
      stop.abort();
    };
    // `start` is written anew at each drawing; `key` says whether it means something else.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [client, key]);
  const more = (): void => {
    if (!reader.current) return;
    wanted.current += part;
    read(reader.current, part, false);
  };
  return { ...state, more };
}

const NOTHING = { rows: [], error: undefined, ended: false, loading: true };

/** Batches of any size, handed on in parts of one size. */
export class PartReader<T> {
  readonly #start: () => Promise<AsyncIterable<readonly T[]>>;
  #batches: AsyncIterator<readonly T[]> | undefined;
  #left: readonly T[] = [];
  #ended = false;

  constructor(start: () => Promise<AsyncIterable<readonly T[]>>) {
    this.#start = start;
  }

  async next(size: number): Promise<{ rows: readonly T[]; ended: boolean }> {
    this.#batches ??= (await this.#start())[Symbol.asyncIterator]();
    // One more than is asked for: that nothing more is to come is known with the last part, and not by a look for another.
    while (this.#left.length <= size && !this.#ended) {
      const { done, value } = await this.#batches.next();
      if (done) this.#ended = true;
      else this.#left = [...this.#left, ...value];
    }
    const rows = this.#left.slice(0, size);
    this.#left = this.#left.slice(size);
    return { rows, ended: this.#ended && this.#left.length === 0 };
  }
}
