import { expect, it } from 'vitest';
import { emptyDraft, HARMLESS, keptDraft, type ChosenSource, type WizardDraft } from './draft.ts';
import { withFile, withSource, withTarget } from './sides.ts';

const live = (environment: string, realm = 'acme'): ChosenSource => ({ kind: 'live', environment, realm });
const only = (...only: string[]): WizardDraft['what'] => ({ kind: 'records', sections: [], only });
const decided: WizardDraft = {
  ...emptyDraft('/catalog'),
  source: live('dev'),
  target: 'prod',
  what: only('users/alice'),
  policy: { ...HARMLESS, realm: 'merge', extra: 'delete', exclude: ['clients/acme-ci'] },
  kept: ['clients/acme-ci'],
};
const reloaded = (draft: WizardDraft): WizardDraft =>
  keptDraft(JSON.parse(JSON.stringify(draft)), '/catalog');

it('finds the decisions about a target again when it is chosen again, also after a reload', () => {
  const other = reloaded(withTarget(decided, 'dev'));
  expect(other).toMatchObject({ target: 'dev', policy: HARMLESS, what: decided.what });
  expect(other.policy).toEqual(HARMLESS);
  expect(other.kept).toBeUndefined();
  const { elsewhere: _, ...back } = withTarget(other, 'prod');
  expect(back).toEqual(decided);
});

it('finds what was picked of a source again, and what was decided between it and the target', () => {
  for (const between of [live('dev', 'other'), live('prod'), undefined]) {
    const other = reloaded(withSource(decided, between));
    expect([other.what.kind, other.policy]).toEqual(['everything', HARMLESS]);
    expect(withSource(other, live('dev'))).toMatchObject({ what: decided.what, policy: decided.policy });
    // What was picked is of the source; what was decided is of the target, too.
    const elsewhere = withSource(withTarget(other, 'staging'), live('dev'));
    expect([elsewhere.what, elsewhere.policy]).toEqual([decided.what, HARMLESS]);
    expect(withTarget(elsewhere, 'prod').policy).toEqual(decided.policy);
  }
  const from = withSource(withFile(decided, '/tmp/a.json'), live('dev'));
  expect(from).toMatchObject({ what: decided.what, policy: decided.policy });
});

it('finds again what held last: what was taken back stays so', () => {
  const back = withTarget(withTarget(decided, 'dev'), 'prod');
  const undone = { ...back, policy: HARMLESS, what: emptyDraft('').what };
  expect(withTarget(withTarget(undone, 'dev'), 'prod').policy).toEqual(HARMLESS);
  expect(withSource(withSource(undone, live('prod')), live('dev')).what.kind).toBe('everything');
});

it('brings no decision about a realm to one of another name', () => {
  const renamed = { ...withTarget(decided, 'dev'), realmName: 'copy' };
  expect(withTarget(renamed, 'prod').policy).toEqual(HARMLESS);
});

it('does not grow with the number of sides, nor of names', () => {
  const exclude = Array.from({ length: 500 }, (_, at) => `users/somebody-${at}`);
  let draft = decided;
  for (let at = 0; at < 50; at++)
    draft = { ...withTarget(draft, `t${at}`), policy: { ...HARMLESS, users: 'merge' } };
  expect(draft.elsewhere?.decided).toHaveLength(8);
  for (let at = 0; at < 50; at++)
    draft = { ...withTarget(draft, `u${at}`), policy: { ...HARMLESS, exclude } };
  expect(JSON.stringify(draft.elsewhere).length).toBeLessThan(40_000);
  const last = withTarget(withTarget(draft, 'elsewhere'), 'u49');
  expect(last.policy.exclude).toEqual(exclude);
});
