import { describe, expect, it } from 'vitest';
import {
  copyKey,
  currentPreview,
  emptyDraft,
  isToBeMade,
  keptDraft,
  lastOpenStep,
  madeCopy,
  policyOf,
  previewJob,
  previewKey,
  sidesKey,
  stepsOf,
  withPassword,
  withPreviewAnew,
  withPreviewAsked,
  withRealmName,
  type ChosenSource,
  type WizardDraft,
} from './draft.ts';
import { withFile, withSource, withTarget } from './sides.ts';

const chosen: WizardDraft = {
  ...emptyDraft('/catalog'),
  source: { kind: 'live', environment: 'dev', realm: 'acme' },
  target: 'prod',
};

describe('what was chosen', () => {
  it('is found again, but not in another catalog, and not where it cannot be understood', () => {
    const kept: unknown = JSON.parse(JSON.stringify(chosen));
    expect(keptDraft(kept, '/catalog')).toEqual(chosen);
    expect(keptDraft(kept, '/other')).toEqual(emptyDraft('/other'));
    expect(keptDraft({ ...chosen, step: 'nowhere' }, '/catalog')).toEqual(emptyDraft('/catalog'));
    expect(keptDraft(undefined, '/catalog')).toEqual(emptyDraft('/catalog'));
  });

  it('begins with the harmless policies', () => {
    expect(policyOf(emptyDraft(''))).toEqual({
      realm: 'stop',
      users: 'skip',
      clients: 'stop',
      extra: 'keep',
    });
  });

  it('becomes the policy of a plan', () => {
    const records: WizardDraft = {
      ...chosen,
      realmName: 'copy',
      what: { kind: 'records', sections: ['users'], only: ['users/alice'] },
    };
    expect(policyOf(records)).toMatchObject({ realmName: 'copy', only: ['users/alice'] });
    expect(policyOf(records).sections).toBeUndefined();
    expect(previewJob(records)).toMatchObject({ source: 'dev/acme', environment: 'prod' });
    expect(previewJob(records, '3f9c2a').source).toBe('3f9c2a');
  });
});

describe('how far one can go', () => {
  it('is until the first choice that is missing', () => {
    expect(lastOpenStep(emptyDraft(''))).toBe('source');
    expect(lastOpenStep({ ...chosen, what: { kind: 'sections', sections: [], only: [] } })).toBe('what');
    expect(lastOpenStep({ ...chosen, realmName: 'Field A' })).toBe('what');
    const { target: _, ...nowhere } = chosen;
    expect(lastOpenStep(nowhere)).toBe('target');
    expect(lastOpenStep(chosen)).toBe('preview');
  });

  it('is until a preview of just these choices that can be carried out', () => {
    const made = { ...chosen, preview: { of: previewKey(chosen), plan: 'p', ready: true } };
    expect(lastOpenStep(made)).toBe('confirm');
    expect(lastOpenStep({ ...made, preview: { ...made.preview, ready: false } })).toBe('preview');
    expect(lastOpenStep({ ...made, realmName: 'other' })).toBe('preview');
    expect(lastOpenStep({ ...made, policy: { ...made.policy, users: 'merge' } })).toBe('preview');
    expect(lastOpenStep({ ...made, run: { job: 'j', plan: 'p' } })).toBe('run');
    expect(lastOpenStep({ ...made, run: { job: 'j', plan: 'p', ended: true } })).toBe('report');
  });

  it('needs no choices to undo a job', () => {
    const undoing: WizardDraft = { ...emptyDraft(''), origin: { kind: 'rollback', job: 'j' } };
    expect(stepsOf(undoing)).toEqual(['preview', 'confirm', 'run', 'report']);
    expect(lastOpenStep(undoing)).toBe('preview');
  });
});

it('takes the order of what was decided for nothing', () => {
  const { realm, users, clients, extra } = chosen.policy;
  expect(previewKey({ ...chosen, policy: { extra, clients, users, realm } })).toBe(previewKey(chosen));
});

describe('what was decided', () => {
  const decided: WizardDraft = {
    ...chosen,
    what: { kind: 'records', sections: [], only: ['users/alice'] },
    policy: { ...chosen.policy, realm: 'overwrite', conflicts: 'skip', exclude: ['users/bob'] },
  };
  const harmless = emptyDraft('').policy;

  it('does not hold for another source, nor for another target', () => {
    const other: ChosenSource = { kind: 'live', environment: 'dev', realm: 'other' };
    expect(withSource(decided, other)).toMatchObject({ source: other, what: { only: [] } });
    expect(withSource(decided, other).policy).toEqual(harmless);
    expect(withSource(decided, undefined).policy).toEqual(harmless);
    expect(withTarget(decided, 'staging').policy).toEqual(harmless);
  });

  it('does not hold for a file that is not read: there is no source until it is', () => {
    const read: ChosenSource = {
      kind: 'snapshot',
      snapshot: 's',
      realm: 'acme',
      startedAt: '',
      file: 'a.json',
    };
    const from = withSource(withFile(decided, '/tmp/a.json'), read);
    expect(from).toMatchObject({ source: read, file: '/tmp/a.json' });
    const unread = withFile({ ...from, policy: decided.policy }, '/tmp/b.json');
    expect(unread).toMatchObject({ file: '/tmp/b.json', what: { kind: 'everything' }, policy: harmless });
    expect(unread.source).toBeUndefined();
    expect(lastOpenStep(unread)).toBe('source');
    expect(withSource(unread, chosen.source).file).toBeUndefined();
  });

  it('holds for the same ones, and for the first target that is chosen', () => {
    expect(withSource(decided, chosen.source)).toEqual(decided);
    expect(withTarget(decided, 'prod')).toEqual(decided);
    const { target: _, ...nowhere } = decided;
    expect(withTarget(nowhere, 'prod')).toEqual(decided);
  });

  it('of the realm that is there does not hold for one of another name; records stay left out', () => {
    const policy = { ...decided.policy, leftovers: 'adopt', update: ['users/ann'] } as const;
    const adopting: WizardDraft = { ...decided, policy: { ...policy, update: [...policy.update] } };
    expect(withRealmName(adopting, 'copy')).toEqual({
      ...decided,
      realmName: 'copy',
      policy: { ...harmless, conflicts: 'skip', exclude: ['users/bob'] },
    });
  });
});

it('needs another copy, and another preview, for another password', () => {
  const on: WizardDraft = { ...chosen, pseudonymise: { on: true, keepDomains: false } };
  const copied: WizardDraft = {
    ...on,
    pseudonymise: { ...on.pseudonymise, copy: { of: copyKey(on), snapshot: 's' } },
  };
  expect(madeCopy(copied)).toBe('s');
  let typed = copied;
  for (const given of [true, false, true]) {
    const before = previewKey(typed);
    typed = withPassword(typed, given);
    expect(previewKey(typed)).not.toBe(before);
    expect(sidesKey(typed)).not.toBe(sidesKey(copied));
    expect(madeCopy(typed)).toBeUndefined();
  }
});

it('compares the same sides whatever is decided', () => {
  expect(sidesKey({ ...chosen, policy: { ...chosen.policy, users: 'merge' } })).toBe(sidesKey(chosen));
  expect(sidesKey({ ...chosen, realmName: 'other' })).not.toBe(sidesKey(chosen));
  expect(sidesKey({ ...chosen, target: 'staging' })).not.toBe(sidesKey(chosen));
});

it('keeps the preview beside what was decided since, until another is asked for', () => {
  const made: WizardDraft = {
    ...chosen,
    preview: {
      of: previewKey(chosen),
      sides: sidesKey(chosen),
      policy: chosen.policy,
      plan: 'p1',
    },
  };
  expect(currentPreview(made)?.plan).toBe('p1');
  expect(isToBeMade(made)).toBe(false);
  expect(withPreviewAsked(made)).toBe(made);
  const decided: WizardDraft = { ...made, policy: { ...made.policy, exclude: ['users/alice'] } };
  expect(currentPreview(decided)).toBeUndefined();
  expect(isToBeMade(decided)).toBe(false);
  expect(isToBeMade(withPreviewAsked(decided))).toBe(true);
  expect(isToBeMade({ ...decided, target: 'staging' })).toBe(true);
  expect(isToBeMade({ ...decided, realmName: 'other' })).toBe(true);
  expect(isToBeMade(withPreviewAnew(made))).toBe(true);
  expect(isToBeMade(chosen)).toBe(true);
});
