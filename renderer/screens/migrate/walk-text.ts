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
  const { kind, of } = partsOf(walk);
  return `${kind} ${of}, at ${STEP_TITLES[walk.step]}`;
}

/** The same as a sentence of its own: "A migration is begun: dev/acme → prod, at Preview". */
export function begunText(walk: OneWalk): string {
  const { kind, of } = partsOf(walk);
  return `${kind === 'undoing' ? 'An' : 'A'} ${kind} is begun: ${of}, at ${STEP_TITLES[walk.step]}`;
}

function partsOf({ origin, restoring, source, target }: OneWalk): { kind: string; of: string } {
  if (origin.kind === 'rollback') return { kind: 'undoing', of: `of job ${origin.job}` };
  if (origin.kind === 'retry') return { kind: 'new attempt', of: `at what failed in job ${origin.job}` };
  if (origin.kind === 'plan') return { kind: 'walk', of: 'from a plan that was made before' };
  const from =
    source?.kind === 'snapshot'
      ? `snapshot ${source.snapshot} of ${source.realm}`
      : (sourceText(source) ?? '');
  return {
    kind: restoring ? 'restore' : 'migration',
    of: target === undefined ? from : `${from} → ${target}`,
  };
}
