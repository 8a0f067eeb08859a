import type { JobReport } from '../../contract/job.ts';
import { counted } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';

/** What a job that stopped early had done, in a sentence or two, from its journal. */
export function whatWasDone({ steps }: Pick<JobReport, 'steps'>): string {
  const done = steps.filter((step) => step.outcome === 'done');
  const open = steps.find((step) => step.outcome === 'unknown');
  const finished =
    done.length === 0
      ? 'Nothing was finished before that.'
      : `Done before that: ${counted(done.length, 'step')}, the last of them ${quoted(done.at(-1)!.label)}.`;
  return open === undefined
    ? finished
    : `${finished} Whether ${quoted(open.label)} took effect is not known.`;
}
