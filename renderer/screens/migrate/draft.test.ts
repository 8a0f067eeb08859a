import { describe, expect, it } from 'vitest';
import {
  emptyDraft,
  isBegun,
  keptDraft,
  lastOpenStep,
  policyOf,
  previewJob,
  previewKey,
  stepsOf,
  type WizardDraft,
} from './draft.ts';

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
    expect(lastOpenStep({ ...made, run: { job: 'j', plan: 'p' } })).toBe('report');
  });

  it('needs no choices to undo a job', () => {
    const undoing: WizardDraft = { ...emptyDraft(''), origin: { kind: 'rollback', job: 'j' } };
    expect(stepsOf(undoing)).toEqual(['preview', 'confirm', 'run', 'report']);
    expect(lastOpenStep(undoing)).toBe('preview');
  });
});

it('puts nothing aside that was not begun, or has run', () => {
  expect(isBegun(emptyDraft(''))).toBe(false);
  expect(isBegun(chosen)).toBe(true);
  expect(isBegun({ ...chosen, run: { job: 'j', plan: 'p' } })).toBe(false);
});

it('takes the order of what was decided for nothing', () => {
  const { realm, users, clients, extra } = chosen.policy;
  expect(previewKey({ ...chosen, policy: { extra, clients, users, realm } })).toBe(previewKey(chosen));
});
