import type { CopyRun } from './copy-out.ts';
import type { Session } from './databases.ts';

const BLOCK_BYTES = 256 * 1024;
const BLOCKS_AHEAD = 4;

/** Bytes being gathered for a block. */
export class Block {
  #bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends `source` from `start` on. */
  append(source: Buffer, start = 0): void {
    const end = this.#length + source.length - start;
    if (end > this.#bytes.length) this.#grow(end);
    source.copy(this.#bytes, this.#length, start);
    this.#length = end;
  }

  /** The bytes gathered; the block begins anew, with a buffer of its own. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(BLOCK_BYTES);
    this.#length = 0;
    return taken;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/**
 * Runs a COPY and yields what `write` makes of its rows, in blocks of about 256 KB. A slow reader makes the server
 * wait. One that stops early leaves a connection that its transaction has to give up.
 */
export async function* copiedBlocks(
  session: Session,
  sql: string,
  write: (row: Buffer, block: Block) => void,
): AsyncGenerator<Buffer> {
  const block = new Block();
  const ready: Buffer[] = [];
  let waiting = Promise.withResolvers<void>();
  let ended = false;
  const run: CopyRun = session.copyOut(sql, (row) => {
    write(row, block);
    if (block.length < BLOCK_BYTES) return;
    ready.push(block.take());
    waiting.resolve();
    if (ready.length === BLOCKS_AHEAD) run.pause();
  });
  const end = (): void => {
    ended = true;
    waiting.resolve();
  };
  run.done.then(end, end);
  for (;;) {
    await waiting.promise;
    waiting = Promise.withResolvers<void>();
    for (let next = ready.shift(); next; next = ready.shift()) {
      yield next;
      if (ready.length < BLOCKS_AHEAD) run.resume();
    }
    if (ended && ready.length === 0) break;
  }
  await run.done;
  if (block.length > 0) yield block.take();
}
