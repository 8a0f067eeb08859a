import { expect, it } from 'vitest';
import { asLinked, backTo, insteadOf, isBegun, withAsideAgain, withoutAside } from './aside.ts';
import { emptyDraft, keptDraft, previewKey, withPlan, type WizardDraft } from './draft.ts';
import { walkText } from './walk-text.ts';

const empty = emptyDraft('/catalog');
const migration: WizardDraft = {
  ...empty,
  step: 'preview',
  source: { kind: 'live', environment: 'dev', realm: 'acme' },
  target: 'prod',
};
const decided: WizardDraft = { ...migration, policy: { ...migration.policy, exclude: ['clients/ci'] } };
const undoing = (job: string): WizardDraft => ({
  ...empty,
  step: 'preview',
  origin: { kind: 'rollback', job },
});
const restore = (snapshot: string): WizardDraft => ({
  ...empty,
  step: 'what',
  restoring: true,
  source: { kind: 'snapshot', snapshot, realm: 'acme', startedAt: '' },
});
const kept = (draft: unknown): WizardDraft => keptDraft(JSON.parse(JSON.stringify(draft)), '/catalog');

it('puts nothing aside that was not begun, has run, or is as a link asked for it', () => {
  expect(isBegun(empty)).toBe(false);
  expect(isBegun(migration)).toBe(true);
  expect(isBegun({ ...migration, run: { job: 'j', plan: 'p' } })).toBe(false);
  const linked = asLinked(restore('3f9c'));
  expect(isBegun(linked)).toBe(false);
  expect(isBegun({ ...linked, step: 'target' })).toBe(false);
  expect(isBegun({ ...linked, target: 'prod' })).toBe(true);
  expect(isBegun({ ...linked, preview: { of: previewKey(linked), job: 'j' } })).toBe(true);
  expect(insteadOf(empty, linked).aside).toBeUndefined();
});

it('keeps a migration through a second link and a third, and each can be gone back to', () => {
  const undo = insteadOf(asLinked(undoing('j1')), decided);
  const second = kept(insteadOf(asLinked(restore('3f9c')), undo));
  expect(second.aside?.map(walkText)).toEqual([
    'undoing of job j1, at Preview',
    'migration dev/acme → prod, at Preview',
  ]);
  const touched: WizardDraft = { ...second, target: 'prod' };
  const plan = { plan: 'p', blocked: false, empty: false, applied: false };
  const previewed = withPlan({ ...touched, preview: { of: previewKey(touched), job: 'j' } }, plan);
  expect(previewed.aside).toHaveLength(2);
  const back = backTo(previewed.aside!.at(-1)!, previewed);
  expect(back).toMatchObject(decided);
  expect(back.aside?.map(walkText)).toEqual([
    'restore snapshot 3f9c of acme → prod, at What',
    'undoing of job j1, at Preview',
  ]);
});

it('has each once, forgets the one that is meant, and can have it back', () => {
  const again = insteadOf(undoing('j1'), insteadOf(decided, insteadOf(undoing('j1'), empty)));
  expect(again.aside).toEqual([decided]);
  const two = insteadOf(empty, insteadOf(undoing('j1'), decided));
  const forgotten = withoutAside(two, decided);
  expect(forgotten.aside).toEqual([undoing('j1')]);
  expect(withAsideAgain(forgotten, decided).aside).toEqual([decided, undoing('j1')]);
  expect(withoutAside(withoutAside(two, decided), undoing('j1'))).toEqual(empty);
});

it('has a limit: undoings, to which their jobs lead again, go before what was decided', () => {
  let draft = decided;
  for (let at = 0; at < 20; at++) draft = insteadOf(undoing(`j${at}`), draft);
  expect(draft.aside).toHaveLength(5);
  expect(draft.aside?.at(-1)).toEqual(decided);
  for (let at = 0; at < 20; at++) draft = insteadOf(restore(`s${at}`), draft);
  expect(draft.aside?.map(({ source }) => source)).toEqual(
    [18, 17, 16, 15, 14].map((at) => restore(`s${at}`).source),
  );
});

it('understands the one that earlier versions kept, and forgets nothing else with what it cannot', () => {
  expect(kept({ ...empty, aside: decided })).toEqual({ ...empty, aside: [decided] });
  expect(kept({ ...empty, aside: [{ step: 'nowhere' }, decided] }).aside).toEqual([decided]);
  expect(kept({ ...decided, aside: { step: 'nowhere' } })).toMatchObject(decided);
  expect(kept(decided)).toEqual(decided);
});
