import { sourceText, type OneWalk, type Step } from './draft.ts';

export const STEP_TITLES: Readonly<Record<Step, string>> = {
  source: 'Source',
  what: 'What',
  target: 'Target',
  preview: 'Preview',
  confirm: 'Confirm',
  run: 'Run',
  report: 'Report',
};

/** Which walk it is, and how far it has come: "migration dev/acme → prod, at Preview". */
export function walkText(walk: OneWalk): string {
  return `${walkName(walk)}, at ${STEP_TITLES[walk.step]}`;
}

function walkName({ origin, restoring, source, target }: OneWalk): string {
  if (origin.kind === 'rollback') return `undoing of job ${origin.job}`;
  if (origin.kind === 'retry') return `new attempt at what failed in job ${origin.job}`;
  if (origin.kind === 'plan') return 'plan that was made before';
  const from =
    source?.kind === 'snapshot'
      ? `snapshot ${source.snapshot} of ${source.realm}`
      : (sourceText(source) ?? '');
  const sides = target === undefined ? from : `${from} → ${target}`;
  return `${restoring ? 'restore' : 'migration'} ${sides}`;
}
