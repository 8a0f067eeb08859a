import type { JobReport } from '../../contract/job.ts';
import { counted } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';

export interface WhatWasDone {
  readonly done: string;
  readonly notDone: string;
}

/** Two sentences on a job that stopped early, from its journal. */
export function whatWasDone({ job, steps }: Pick<JobReport, 'job' | 'steps'>): WhatWasDone {
  const done = steps.filter((step) => step.outcome === 'done');
  const open = steps.filter((step) => step.outcome === 'unknown');
  const writes = job.kind === 'apply' || job.kind === 'seed';
  return {
    done:
      done.length === 0
        ? 'Nothing was finished before that.'
        : `Done before that: ${counted(done.length, 'step')}, the last of them ${quoted(done.at(-1)!.label)}.`,
    notDone: [
      writes && done.length === 0 && open.length === 0 ? 'The target was not changed.' : '',
      open.length === 0 ? '' : `Whether ${quoted(open[0]!.label)} took effect is not known.`,
      'Everything after that was not begun.',
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
  };
}
