import type { JobStep } from '../../contract/job.ts';
import { counted } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';

/** What a job that stopped early had done, in a sentence or two, from its journal. */
export async function whatWasDone(batches: AsyncIterable<readonly JobStep[]>): Promise<string> {
  let [done, last, open]: [number, JobStep | undefined, JobStep | undefined] = [0, undefined, undefined];
  for await (const steps of batches)
    for (const step of steps) {
      if (step.outcome === 'unknown') open ??= step;
      if (step.outcome !== 'done') continue;
      done += 1;
      last = step;
    }
  const finished =
    last === undefined
      ? 'Nothing was finished before that.'
      : `Done before that: ${counted(done, 'step')}, ${done === 1 ? '' : 'the last of them '}${quoted(last.label)}.`;
  return open === undefined
    ? finished
    : `${finished} Whether ${quoted(open.label)} took effect is not known.`;
}
