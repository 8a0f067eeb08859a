import { titleInWindows } from '../../contract/job-title.ts';
import type { JobView } from '../../contract/job.ts';
import { fromWire } from '../../contract/wire.ts';
import type { AppClient } from './engine-keeper.ts';
import type { RunningJob } from './tray.ts';

const LIVE: ReadonlySet<JobView['state']> = new Set(['queued', 'running', 'canceling']);
/** How many of the latest jobs are looked at: more never run at once here. */
const LATEST = 50;

interface Following {
  readonly client: () => AppClient | undefined;
  readonly onRunning: (jobs: readonly RunningJob[]) => void;
  /** One that was seen running has come to its end. */
  readonly onEnded: (job: JobView) => void;
  /** A sentence. */
  readonly warn: (line: string) => void;
}

/** Knows the running jobs by their titles. It looks when the engine tells that they are others, and at no other time. */
export class JobFollower {
  readonly #following: Following;
  #running: readonly RunningJob[] = [];
  #looking: Promise<void> = Promise.resolve();

  constructor(following: Following) {
    this.#following = following;
  }

  get running(): readonly RunningJob[] {
    return this.#running;
  }

  changed(): void {
    this.#looking = this.#looking.then(() => this.#look()).catch((error) => this.#cannotLook(error));
  }

  async #look(): Promise<void> {
    const { client, onRunning, onEnded } = this.#following;
    const jobs = (await client()?.engine.jobs.list({ limit: LATEST })) ?? [];
    const before = this.#running;
    this.#running = jobs
      .filter(({ state }) => LIVE.has(state))
      .map((job) => ({ id: job.id, title: titleInWindows(job) }));
    onRunning(this.#running);
    for (const job of jobs) if (!LIVE.has(job.state) && before.some(({ id }) => id === job.id)) onEnded(job);
  }

  /** No catalog is open: then no job of ours runs. What else there is, is told; what is shown stays until they change again. */
  #cannotLook(thrown: unknown): void {
    const { code, message } = fromWire(thrown);
    if (code === 'PASSPHRASE_NEEDED' || code === 'CATALOG_MISSING') return;
    this.#following.warn(`Which jobs run could not be asked: ${message}`);
  }
}

/** What a notification says of it. */
export function endSentence({ state, error }: JobView): string {
  switch (state) {
    case 'succeeded':
      return 'Done.';
    case 'succeeded_with_errors':
      return 'Finished, and some records failed. Its report names them.';
    case 'canceled':
      return 'Canceled.';
    case 'interrupted':
      return 'It was interrupted. Resume it under Jobs.';
    default:
      return error?.message ?? 'It failed. Its report says why.';
  }
}
