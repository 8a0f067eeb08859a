import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import type { JobProgress } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { captureReleased } from '../connectors/admin-api/released/capture.ts';
import { RELEASED_ROUTE } from '../connectors/admin-api/released/route.ts';
import {
  REALM,
  someUsers,
  startRealm,
  type ScriptedRealm,
} from '../connectors/admin-api/released/testing/scripted-realm.ts';
import { sendJson } from '../connectors/admin-api/testing/scripted-server.ts';
import type { Connector } from '../connectors/connector.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { backupRealms } from './backup.ts';
import type { JournalledContext } from './runner.ts';

const catalogs = new TestCatalogs();
const ORIGIN = { environment: 'prod', realm: REALM, reader: 'any' };
const USERS = 900;

let realm: ScriptedRealm;
let catalog: Catalog;
beforeEach(async () => {
  realm = await startRealm();
  realm.users = someUsers(USERS);
  catalog = await catalogs.open();
});
afterEach(async () => {
  await realm.close();
  catalogs.clear();
});

const mappingCalls = () => realm.asked.filter(({ path }) => path.endsWith('/role-mappings')).length;

/** As the Admin API's connector, once the dialect is known. */
function connector(): Connector {
  const partly: Pick<Connector, 'channel' | 'capabilities' | 'capture'> = {
    channel: 'admin-api',
    capabilities: async () => await Promise.resolve(RELEASED_ROUTE),
    capture: (name, options, signal) => captureReleased(realm.tools, name, options, signal),
  };
  return partly as Connector;
}

/** As the same job, each time. */
async function backup(
  signal: AbortSignal = new AbortController().signal,
  only: { readonly sections?: readonly Section[] } = {},
) {
  const progress: JobProgress[] = [];
  const failures: unknown[] = [];
  const job = {
    signal,
    progress: (each) => void progress.push(each),
    intent: () => 1,
    outcome: () => {},
    noteFound: () => {},
    addFailures: (more) => void failures.push(...more),
    job: 'job',
    isResumed: false,
    forgetFailures: () => {},
    note: () => {},
  } satisfies JournalledContext;
  const { snapshots, withErrors } = await backupRealms(job, connector(), catalog.snapshots, {
    environment: 'prod',
    realms: [REALM],
    tags: [],
    ...only,
    memoryOf: () => catalog.captureMemories.of(ORIGIN),
  });
  return { snapshot: snapshots[0]!, withErrors, progress, failures };
}

const kept = () => catalog.captureMemories.of(ORIGIN).recall(realm.users.map(({ id }) => `user ${id}`)).size;

/** Mapping calls are refused from the `nth` on. */
function refuseFrom(nth: number): void {
  realm.meddle = ({ path }, response) => {
    if (!path.endsWith('/role-mappings') || mappingCalls() < nth) return false;
    sendJson(response, 400, { error: 'BROKEN' });
    return true;
  };
}

describe('a backup of one call a user', () => {
  it('that was broken off is taken up again, says so, and is then forgotten', async () => {
    refuseFrom(600);
    const error = await backup().catch((thrown: unknown) => thrown);
    expect(isAppError(error, 'REQUEST_REFUSED')).toBe(true);
    const before = kept();
    expect(before).toBeGreaterThan(550);
    expect(catalog.snapshots.list()).toEqual([]);

    realm.meddle = () => false;
    const calls = mappingCalls();
    const { snapshot, withErrors } = await backup();
    expect(mappingCalls() - calls).toBeLessThanOrEqual(USERS - before + 8);
    expect(snapshot.summaries.users?.count).toBe(USERS);
    expect(snapshot.complete).toBe(true);
    expect(withErrors).toBe(false);
    expect(snapshot.warnings.join()).toContain(`the roles of ${before} users`);
    expect(Date.parse(snapshot.window!.from)).toBeLessThan(Date.parse(snapshot.startedAt));
    expect(kept()).toBe(0);

    // As if it had never been broken off.
    const again = await backup();
    expect(again.snapshot.unchangedSince).toBe(snapshot.id);
    expect(again.snapshot.warnings).toEqual([]);
  });

  it('that was canceled can be taken up again as well', async () => {
    const abort = new AbortController();
    realm.meddle = () => {
      if (mappingCalls() > 500) abort.abort();
      return false;
    };
    expect(isAppError(await backup(abort.signal).catch((thrown: unknown) => thrown), 'CANCELED')).toBe(true);
    expect(kept()).toBeGreaterThan(400);
  });

  it('over a line that breaks once needs no second backup, and asks for no user twice', async () => {
    const victim = realm.users[700]!.id;
    // More often than a call is repeated.
    let breaks = 12;
    realm.meddle = ({ path }, response) => {
      if (!path.includes(`${victim}/role-mappings`) || breaks-- <= 0) return false;
      response.destroy();
      return true;
    };
    const { snapshot } = await backup();
    expect(snapshot.summaries.users?.count).toBe(USERS);
    expect(snapshot.warnings.join()).toMatch(/^Taken up again/);
    expect(mappingCalls()).toBeLessThan(USERS + 30);
  });

  it('shows how far it is, and is whole where every section was chosen', async () => {
    const { progress, snapshot } = await backup(undefined, { sections: SECTIONS });
    expect(snapshot.complete).toBe(true);
    expect(progress.at(-1)).toMatchObject({
      unit: 'records',
      done: USERS + 5,
      of: expect.any(Number) as number,
    });
  });

  it('of a realm that contradicts itself is no whole backup, and the job says why', async () => {
    realm.order = (users) => [...users.slice(1), users[1]!];
    const { snapshot, withErrors, failures } = await backup();
    expect(snapshot.inconsistent).toMatch(/899 users in all, while the server counts 900/);
    expect(snapshot.complete).toBe(false);
    expect(catalog.snapshots.latest('prod', REALM)).toBeUndefined();
    expect(withErrors).toBe(true);
    expect(failures).toEqual([
      { section: 'realm', key: REALM, reason: expect.stringContaining('not consistent') as string },
    ]);
  });
});
