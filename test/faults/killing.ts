import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { JobInput, JobView } from '../../contract/job.ts';
import type { EngineClient } from '../../core/engine/index.ts';
import { lastView, type Line } from '../engine/line.ts';
import type { Checkpoints, Doom } from './doomed-job.ts';

/** A killed process leaves leases behind, which run out after half a minute: the clock is put on instead of waiting. */
const LEASES_RUN_OUT = 31_000;

/** Jobs that are killed at a checkpoint, and an engine that finds them. */
export class Killing {
  readonly #line: Line;
  #later = 0;
  /** How often a process was killed. */
  kills = 0;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Lets a job die at this checkpoint, and hands it, as another process finds it, to whoever looks. */
  async at(
    checkpoint: number,
    work: Doom['work'],
    look: (client: EngineClient, job: JobView) => Promise<void>,
    of: Checkpoints = 'journal',
  ): Promise<void> {
    await this.kill(checkpoint, work, of);
    await this.find(look);
  }

  async kill(checkpoint: number, work: Doom['work'], of: Checkpoints = 'journal'): Promise<void> {
    const { code, signal } = await this.#run(checkpoint, work, of);
    if (signal !== 'SIGKILL')
      throw new Error(`It was not killed at checkpoint ${checkpoint}, but ended with ${code}.`);
    this.kills++;
    this.#later += LEASES_RUN_OUT;
  }

  /** Runs a job whole, in a process like those that are killed. @returns how many checkpoints it passes */
  async count(work: Doom['work'], of: Checkpoints): Promise<number> {
    const { code, printed } = await this.#run(Number.MAX_SAFE_INTEGER, work, of);
    if (code !== 0) throw new Error(`It ended with ${code}.`);
    return Number(printed);
  }

  async #run(
    checkpoint: number,
    work: Doom['work'],
    of: Checkpoints,
  ): Promise<{ code: number | null; signal: string | null; printed: string }> {
    const doom: Doom = { catalogDir: this.#line.catalogDir, work, of, checkpoint, later: this.#later };
    const script = join(import.meta.dirname, 'doomed-job.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(doom)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
    const printed = await text(child.stdout);
    const [code, signal] = await exit;
    return { code, signal, printed };
  }

  async find(look: (client: EngineClient, job: JobView) => Promise<void>): Promise<void> {
    const engine = await this.#line.reopen(this.#later);
    try {
      const [newest] = await engine.client.jobs.list({ limit: 1 });
      // Done: it was killed when all was said, and only its process had not ended yet.
      if (newest?.state !== 'interrupted' && newest?.state !== 'succeeded')
        throw new Error(`It is found ${newest?.state}.`);
      await look(engine.client, await engine.client.jobs.get({ job: newest.id }));
    } finally {
      await engine.close();
    }
    this.#later += LEASES_RUN_OUT;
  }
}

/** Goes on with a job, to its end. */
export async function resumed(client: EngineClient, job: string): Promise<JobView> {
  await client.jobs.resume({ job });
  return await lastView(client, job);
}

/** Runs a job to its end, by this engine. */
export async function run(client: EngineClient, input: JobInput): Promise<JobView> {
  const { id } = await client.jobs.start(input);
  return await lastView(client, id);
}

/** Whether every checkpoint is tried (`npm run faults`): a run of all tests has no time for that. */
export const EVERY_CHECKPOINT = process.env['DRAWBRIDGE_FAULT_CHECKPOINTS'] === 'all';

/**
 * The checkpoints of the nth step, as doomed-job.ts counts them: when it is begun, when it has been run and its outcome is not
 * written yet, and when that is written as well.
 */
export function checkpointsOfStep(n: number): number[] {
  return [3 * n + 1, 3 * n + 2, 3 * n + 3];
}

/**
 * The checkpoints of a job that nobody disturbed, as far as they are tried. Over a route that commits, nothing is there before
 * the first commit, whatever was killed: of the steps before that, the first and the last are tried, and each where every
 * one is.
 */
export async function checkpointsOf(client: EngineClient, job: string): Promise<number[]> {
  const { steps } = await client.jobs.report({ job });
  const firstCommit = steps.findIndex(({ label }) => label.startsWith('commit '));
  const differing = steps.flatMap((_, n) =>
    EVERY_CHECKPOINT || n === 0 || n >= firstCommit - 1 ? checkpointsOfStep(n) : [],
  );
  return tried(differing);
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, n) => n + 1);
}

/**
 * All of them where every one is tried, else one of so many, and always the second, or the only one.
 *
 * @param oneOf of three for each step, every seventh gives each kind its turn
 * @throws Error when there are none: whoever kills at none proves nothing
 */
export function tried(checkpoints: readonly number[], oneOf = 7): number[] {
  if (checkpoints.length === 0) throw new Error('There is no checkpoint to be tried.');
  if (EVERY_CHECKPOINT || checkpoints.length === 1) return [...checkpoints];
  return checkpoints.filter((_, i) => i % oneOf === 1);
}

/** For all of them, on a machine that is busy with other things. Milliseconds. */
export const KILLING_TIMEOUT = EVERY_CHECKPOINT ? 3_600_000 : 900_000;
