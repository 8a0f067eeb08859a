import { setFlagsFromString } from 'node:v8';

/** V8 clears the old generation up when it has grown by so many percent. */
export const HEAP_GROWTH = {
  /**
   * A capture over the Admin API, which waits for the server as well. By itself V8 lets the heap become several times as
   * large where the machine has much memory: a backup of 20,000 users over release v1.1.0 took 300 MB instead of 225, and
   * was hardly faster. One over PostgreSQL waits for nobody, and would be slower.
   */
  reading: 80,
  /**
   * An import that is written and verified: it waits for the server, so that clearing up still sooner costs it hardly any
   * time. A backup would take a fifth longer, and so would the safety snapshot, before which nothing can be written.
   */
  writing: 25,
} as const;

/** What V8 takes for "as you think fit". */
const AS_IT_GOES = 0;

const wanted: number[] = [];

/**
 * Lets the heap grow by no more than that while the work runs; of several, the least counts. Not a flag that the program
 * is started with: a desktop program could not be, and what follows a job need not be kept short.
 *
 * @param percent of what was left when it was cleared up last
 */
export async function withHeapGrowth<T>(percent: number, work: () => Promise<T>): Promise<T> {
  wanted.push(percent);
  set();
  try {
    return await work();
  } finally {
    wanted.splice(wanted.indexOf(percent), 1);
    set();
  }
}

function set(): void {
  setFlagsFromString(`--heap-growing-percent=${wanted.length === 0 ? AS_IT_GOES : Math.min(...wanted)}`);
}
