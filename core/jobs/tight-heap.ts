import { setFlagsFromString } from 'node:v8';

/** V8 clears the old generation up when it has grown by so many percent. */
const GROWTH = 25;
/** What V8 takes for "as you think fit". */
const AS_IT_GOES = 0;

let working = 0;

/**
 * While an import is written and verified, V8 lets garbage pile up as memory is there: with a million users some 80 MB
 * that the import does not need. Clearing up sooner costs an import hardly any time, since it waits for the server; a
 * backup, which does not, would take a fifth longer, and so would the safety snapshot, before which nothing can be
 * written. So it is not a flag that the program is started with (which a desktop program could not be, either).
 */
export async function withTightHeap<T>(work: () => Promise<T>): Promise<T> {
  if (working++ === 0) setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  try {
    return await work();
  } finally {
    if (--working === 0) setFlagsFromString(`--heap-growing-percent=${AS_IT_GOES}`);
  }
}
