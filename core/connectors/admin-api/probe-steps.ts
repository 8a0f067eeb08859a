import { isAppError, throwIfAborted } from '../../../contract/errors.ts';
import type { ProbeReport, ProbeVerdict, TellStep } from '../connector.ts';
import { failedVerdict, type Verdict } from '../probe-verdict.ts';

type ProbeStep = ProbeReport['steps'][number];

/** The steps of a probe as they are taken: an error of ours is a verdict, not an end. */
export class ProbeSteps {
  readonly steps: ProbeStep[] = [];
  /** What a 403 was met at. */
  readonly forbidden: string[] = [];
  readonly #signal: AbortSignal;
  readonly #tell: TellStep | undefined;

  constructor(signal: AbortSignal, tell?: TellStep) {
    this.#signal = signal;
    this.#tell = tell;
  }

  /** @returns whether it did not fail. @throws AppError CANCELED, INTERNAL */
  async try(name: string, look: () => Promise<Verdict>): Promise<boolean> {
    throwIfAborted(this.#signal);
    try {
      const [verdict, text] = await look();
      this.note(name, verdict, text);
      return verdict !== 'failed';
    } catch (error) {
      if (!isAppError(error) || error.code === 'CANCELED' || error.code === 'INTERNAL') throw error;
      if (error.code === 'FORBIDDEN') this.forbidden.push(name.toLowerCase());
      this.note(name, ...failedVerdict(error));
      return false;
    }
  }

  note(name: string, verdict: ProbeVerdict, text: string): void {
    const step = { name, verdict, text };
    this.steps.push(step);
    this.#tell?.(step);
  }

  skipRest(names: readonly string[]): void {
    const taken = new Set(this.steps.map((step) => step.name));
    for (const name of names)
      if (!taken.has(name)) this.note(name, 'skipped', 'Not tried: it needs what failed before.');
  }

  rights(untried: string): void {
    if (this.forbidden.length === 0)
      this.note('Rights', 'ok', `The client was refused nothing that was tried; ${untried}`);
    else
      this.note(
        'Rights',
        'failed',
        `The client is not allowed to use: ${this.forbidden.join(', ')} (403). Give it the rights of an administrator.`,
      );
  }
}
