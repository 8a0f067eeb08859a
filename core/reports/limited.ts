export interface Limited<T> {
  readonly batches: AsyncIterable<readonly T[]>;
  /** How many there are besides; known when the batches have been read. */
  readonly left: () => number;
}

/** The first of a stream; the rest is only counted. */
export function limited<T>(batches: AsyncIterable<readonly T[]>, limit: number): Limited<T> {
  let left = 0;
  async function* first(): AsyncGenerator<readonly T[]> {
    let room = limit;
    for await (const batch of batches) {
      const shown = batch.slice(0, room);
      room -= shown.length;
      left += batch.length - shown.length;
      if (shown.length > 0) yield shown;
    }
  }
  return { batches: first(), left: () => left };
}
