import type { JobProgress } from '../../contract/job.ts';
import type { Section } from '../../contract/sections.ts';

/** All that a job gets of its surroundings: a job is a plain function of this, its narrow dependencies and its request. */
export interface JobContext {
  /** The job itself, where it has a journal. */
  readonly job?: string;
  readonly signal: AbortSignal;
  /** Cheap to call: what is shown is sampled a few times a second. */
  progress(progress: JobProgress): void;
}

/** Shows what a job waits for, and how long, as it is told again and again. */
export function waitMeter(job: Pick<JobContext, 'progress'>): (text: string) => void {
  let last = '';
  let since = 0;
  return (text) => {
    if (text !== last) since = performance.now();
    last = text;
    const waited = Math.round((performance.now() - since) / 1000);
    job.progress({ phase: `Waiting for ${text}`, done: 0, unit: 'items', waited });
  };
}

/** Counts up within one phase of a job; the rate is that of the last seconds. */
export class PhaseMeter {
  #done = 0;
  readonly #recent: { at: number; done: number }[] = [];
  readonly #job: JobContext;
  readonly #phase: string;
  readonly #unit: JobProgress['unit'];
  #of: number | undefined;
  readonly #sections: NonNullable<JobProgress['sections']> = {};

  /** @param from what an earlier attempt had done already: it says nothing about the rate */
  constructor(job: JobContext, phase: string, unit: JobProgress['unit'], of?: number, from = 0) {
    this.#job = job;
    this.#phase = phase;
    this.#unit = unit;
    this.#of = of;
    this.#done = from;
    this.advance(0);
  }

  /** As `advance`, by these records. */
  advanceBy(records: readonly { readonly section: Section }[]): void {
    this.count(records);
    this.advance(records.length);
  }

  /** Counts records among their sections that are part of `from`. */
  count(records: readonly { readonly section: Section }[]): void {
    for (const { section } of records) this.#sections[section] = (this.#sections[section] ?? 0) + 1;
  }

  /** @param of the total, where it has become known since */
  advance(by: number, of?: number): void {
    this.#done += by;
    this.#of = of ?? this.#of;
    const now = performance.now();
    const newest = this.#recent.at(-1);
    if (!newest || now - newest.at > 250) {
      this.#recent.push({ at: now, done: this.#done });
      if (this.#recent.length > 20) this.#recent.shift();
    }
    const oldest = this.#recent[0]!;
    const seconds = (now - oldest.at) / 1000;
    const rate = seconds > 0.5 ? (this.#done - oldest.done) / seconds : undefined;
    const left = this.#of === undefined || !rate ? undefined : Math.ceil((this.#of - this.#done) / rate);
    this.#job.progress({
      phase: this.#phase,
      done: this.#done,
      unit: this.#unit,
      ...(this.#of === undefined ? {} : { of: this.#of }),
      ...(rate === undefined ? {} : { rate: Math.round(rate) }),
      ...(left === undefined || left < 0 ? {} : { left }),
      ...(Object.keys(this.#sections).length === 0 ? {} : { sections: { ...this.#sections } }),
    });
  }
}
