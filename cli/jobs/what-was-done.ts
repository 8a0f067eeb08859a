import type { JobReport } from '../../contract/job.ts';
import { counted } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';

/** What a job that stopped early had done, in a sentence or two, from its journal. */
export function whatWasDone({ steps }: Pick<JobReport, 'steps'>): string {
  const done = steps.filter((step) => step.outcome === 'done');
  const open = steps.find((step) => step.outcome === 'unknown');
  const last = done.at(-1);
  const finished =
    last === undefined
      ? 'Nothing was finished before that.'
      : `Done before that: ${counted(done.length, 'step')}, ${done.length === 1 ? '' : 'the last of them '}${quoted(last.label)}.`;
  return open === undefined
    ? finished
    : `${finished} Whether ${quoted(open.label)} took effect is not known.`;
}
