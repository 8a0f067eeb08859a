import { isAlive } from '../../core/engine/index.ts';

/** How often it is looked whether the parent is there. Milliseconds. */
const LOOK_EVERY = 1_000;

/**
 * Calls when the process that started this one is gone: what nobody can stop any more must not go on listening. A process
 * that was begun by the system itself has no other parent, and is left alone.
 *
 * @returns ends the looking
 */
export function whenParentIsGone(call: () => void): () => void {
  const parent = process.ppid;
  if (parent <= 1) return () => undefined;
  const timer = setInterval(() => {
    // Where the system gives orphans to another process the id changes; where it does not, the old one is dead.
    if (process.ppid === parent && isAlive(parent)) return;
    clearInterval(timer);
    call();
  }, LOOK_EVERY);
  timer.unref();
  return () => clearInterval(timer);
}
