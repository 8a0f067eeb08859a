import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Catalog } from '../catalog/index.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { captureReleased } from '../connectors/admin-api/released/capture.ts';
import { RELEASED_ROUTE } from '../connectors/admin-api/released/route.ts';
import {
  REALM,
  startRealm,
  type ScriptedRealm,
} from '../connectors/admin-api/released/testing/scripted-realm.ts';
import type { Connector } from '../connectors/connector.ts';
import { canonicalRecord } from '../model/canonical.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { JobContext } from './job-context.ts';
import { makePlan } from './make-plan.ts';
import type { PlanSummary } from '../planner/plan.ts';
import { shownPlan } from './plan-document.ts';

const catalogs = new TestCatalogs();
const signal = new AbortController().signal;

let target: ScriptedRealm;
let catalog: Catalog;
beforeEach(async () => {
  target = await startRealm();
  catalog = await catalogs.open();
});
afterEach(async () => {
  await target.close();
  catalogs.clear();
});

async function source(inconsistent?: string): Promise<SnapshotManifest> {
  const writer = catalog.snapshots.begin({
    environment: 'dev',
    realm: REALM,
    purpose: 'backup',
    complete: true,
  });
  await writer.add('realm', [canonicalRecord('realm', { name: REALM })]);
  await writer.add('users', [canonicalRecord('users', { username: 'user-0', email: 'user-0@acme.example' })]);
  return await writer.commit(
    {
      realm: REALM,
      channel: 'admin-api',
      dialect: 'v1.1',
      sections: ['realm', 'users'],
      knows: { realm: ['name'], users: ['username', 'email'] },
      missing: [],
      ...(inconsistent !== undefined && { inconsistent }),
      warnings: [],
    },
    signal,
  );
}

async function warnings(of: SnapshotManifest, policy: PolicyInput): Promise<string> {
  return (await summaryOf(of, policy)).warnings.join('\n');
}

async function summaryOf(of: SnapshotManifest, policy: PolicyInput): Promise<PlanSummary> {
  const connector: Pick<Connector, 'channel' | 'capabilities' | 'realmExists' | 'capture'> = {
    channel: 'admin-api',
    capabilities: async () => await Promise.resolve(RELEASED_ROUTE),
    realmExists: async () => await Promise.resolve(true),
    capture: (name, options, given) => captureReleased(target.tools, name, options, given),
  };
  const job: JobContext = { signal, progress: () => {} };
  const stored = await makePlan(job, catalog, connector as Connector, {
    source: of,
    environment: { name: 'prod', stage: 'production' },
    policy,
  });
  return shownPlan(stored).summary;
}

describe('a plan', () => {
  it('from a snapshot that contradicts itself says so, and what it would delete by mistake', async () => {
    expect(await warnings(await source(), { realm: 'merge', extra: 'delete' })).not.toMatch(/consistent/);
    const doubtful = await source('users may be missing.');
    expect(doubtful.complete).toBe(false);
    const merge = await warnings(doubtful, { realm: 'merge' });
    expect(merge).toMatch(/The source is not consistent: users may be missing/);
    expect(merge).not.toMatch(/by mistake/);
    expect(await warnings(doubtful, { realm: 'overwrite' })).toMatch(/deletes .* only by mistake/);
  });

  it('deletes nothing for its absence from a snapshot that contradicts itself, and is blocked', async () => {
    const mirror = { realm: 'merge', extra: 'delete', unsupported: 'skip' } as const;
    const sound = await summaryOf(await source(), mirror);
    expect(sound).toMatchObject({ blocked: false, sections: { users: { delete: 19, conflict: 0 } } });
    const doubtful = await source('users may be missing.');
    for (const conflicts of ['stop', 'skip'] as const)
      expect(await summaryOf(doubtful, { ...mirror, conflicts })).toMatchObject({
        blocked: true,
        sections: { users: { delete: 0, conflict: 19 } },
      });
    expect(await summaryOf(doubtful, { ...mirror, extra: 'keep' })).toMatchObject({
      blocked: false,
      sections: { users: { delete: 0, skip: 19 } },
    });
  });

  it('upon a realm that contradicts itself says that not everything was seen', async () => {
    target.order = (users) => [...users.slice(1), users[1]!];
    const found = await warnings(await source(), { realm: 'merge', extra: 'delete' });
    expect(found).toMatch(/What was read of the target is not consistent: .*19 users in all.* counts 20/);
    expect(found).toMatch(/neither in the numbers here nor in the safety snapshot/);
  });
});
