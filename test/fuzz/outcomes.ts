import { isAppError, type ErrorCode } from '../../contract/errors.ts';
import { tellFaults } from '../faults/fault-counts.ts';

/** What became of hostile inputs: counted by what was said of them, none of which may take long. */
export class Outcomes {
  readonly counts: Record<string, number> = {};
  slowest = 0;
  readonly #allowed: ReadonlySet<ErrorCode>;
  readonly #rssBefore = process.memoryUsage().rss;

  constructor(allowed: readonly ErrorCode[]) {
    this.#allowed = new Set(allowed);
  }

  /**
   * Runs one. Whatever is thrown but an error of ours with an allowed code fails the test, and says which input it was.
   *
   * @returns whether it was accepted
   */
  async of(what: string, work: () => Promise<unknown>): Promise<boolean> {
    const began = performance.now();
    let said = 'accepted';
    try {
      await work();
    } catch (error) {
      if (!isAppError(error) || !this.#allowed.has(error.code))
        throw new Error(`${what}: ${String(error)}`, { cause: error });
      said = error.code;
    }
    const took = performance.now() - began;
    this.slowest = Math.max(this.slowest, took);
    if (took > LONGEST) throw new Error(`${what} took ${Math.round(took)} ms.`);
    this.counts[said] = (this.counts[said] ?? 0) + 1;
    return said === 'accepted';
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  /** Prints the counts, and holds memory against its bound. */
  report(name: string): void {
    const grown = Math.round((process.memoryUsage().rss - this.#rssBefore) / 2 ** 20);
    const each = Object.entries(this.counts).map(([said, count]) => `${said} ${count}`);
    console.log(
      `${name}: ${this.total} hostile inputs; ${each.join(', ')}; slowest ${Math.round(this.slowest)} ms; memory ${grown >= 0 ? '+' : ''}${grown} MB`,
    );
    tellFaults(`hostile ${name}`, { hostileInputs: this.total });
    if (grown > MOST_MEGABYTES) throw new Error(`${name}: memory grew by ${grown} MB.`);
  }
}

/** Milliseconds for an input of at most 256 KiB, on a machine that is busy with other things. */
const LONGEST = 5000;
const MOST_MEGABYTES = 300;
