import { expect, it } from 'vitest';
import type { PlanView } from '../../../contract/plan.ts';
import type { AppClient } from '../../client/connection.ts';
import { presetDraft, presetsOf } from './presets.ts';

/** An engine that knows one plan, and the snapshot that it was made from. */
function engineWith(plan: Partial<PlanView>): AppClient {
  const snapshot = { id: 's1', realm: 'acme', environment: 'dev', startedAt: '2026-01-01T00:00:00Z' };
  return {
    engine: {
      plans: { get: async () => plan },
      snapshots: { get: async () => snapshot },
    },
  } as unknown as AppClient;
}

const followed = (plan: Partial<PlanView>) =>
  presetDraft(engineWith(plan), presetsOf('again=p1')!, '/catalog');

const between = {
  source: { snapshot: 's1', realm: 'acme' },
  target: { environment: 'prod', stage: 'production', realm: 'acme-2', exists: true },
};

it('makes a plan anew as it was chosen: into the realm that it was for', async () => {
  const policy = {
    realm: 'merge',
    users: 'merge',
    only: ['users/alice'],
    exclude: ['users/bob'],
    realmName: 'acme-2',
  } as const;
  expect(
    await followed({
      ...between,
      policy: { ...policy, only: [...policy.only], exclude: [...policy.exclude] },
    }),
  ).toMatchObject({
    step: 'preview',
    restoring: false,
    source: { kind: 'snapshot', snapshot: 's1' },
    target: 'prod',
    realmName: 'acme-2',
    what: { kind: 'records', only: ['users/alice'] },
    policy: { realm: 'merge', users: 'merge', clients: 'stop', extra: 'keep', exclude: ['users/bob'] },
  });
});

it('makes the plan of an undoing anew as one, whatever it was made of', async () => {
  expect(
    await followed({ ...between, undoes: 'j1', policy: { realm: 'merge', exact: true, extra: 'delete' } }),
  ).toMatchObject({ step: 'preview', origin: { kind: 'rollback', job: 'j1' }, policy: { extra: 'keep' } });
});
