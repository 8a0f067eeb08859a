import { expect, it } from 'vitest';
import { asLinked, insteadOf } from './aside.ts';
import { begunWalks, changed } from './begun-walks.ts';
import { emptyDraft, keptDraft, type WizardDraft } from './draft.ts';
import { begunText } from './walk-text.ts';

const empty = emptyDraft('/catalog');
const migration: WizardDraft = {
  ...empty,
  step: 'preview',
  source: { kind: 'live', environment: 'dev', realm: 'acme' },
  target: 'prod',
};

it('tells of a walk that was left in the middle, or else of one that was put aside', () => {
  expect(begunWalks(empty)).toBeUndefined();
  expect(begunWalks(asLinked(migration))).toBeUndefined();
  expect(begunWalks(migration)).toMatchObject({ isCurrent: true, others: 0 });
  expect(begunText(begunWalks(migration)!.first)).toBe('A migration is begun: dev/acme → prod, at Preview');
  expect(begunWalks(insteadOf(empty, migration))).toMatchObject({
    first: migration,
    isCurrent: false,
    others: 0,
  });
  const other: WizardDraft = { ...migration, target: 'staging' };
  const ran = { ...insteadOf(other, migration), run: { job: 'j', plan: 'p' } };
  expect(begunWalks(ran)).toMatchObject({ first: migration, isCurrent: false });
  expect(begunWalks(insteadOf(other, migration))).toMatchObject({ isCurrent: true, others: 1 });
});

it('stays put away until something is changed, not by being looked at', () => {
  const away = keptDraft({ ...migration, putAway: true }, '/catalog');
  expect(begunWalks(away)).toBeUndefined();
  expect(begunWalks(changed(away, {}))).toBeUndefined();
  expect(begunWalks(changed(away, { step: 'target' }))).toBeDefined();
  expect(begunWalks(changed(away, (draft) => ({ ...draft, realmName: 'copy' })))).toBeDefined();
});
