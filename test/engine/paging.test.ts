import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanItemView } from '../../contract/plan.ts';
import type { DifferenceView } from '../../contract/comparison.ts';
import { compareKeys } from '../../core/model/key-order.ts';
import { startLine, type Line } from './line.ts';

/** Asks for what a virtualised table or a chart asks for, of real realms. */

let line: Line;
let first: string;
let second: string;
beforeAll(async () => {
  line = await startLine(300);
  first = await backedUp();
  await line.sandbox
    .environment('dev')
    .query(
      'user',
      "UPDATE users SET first_name = 'Changed' WHERE realm_name = 'acme' AND username IN (SELECT username FROM users WHERE realm_name = 'acme' ORDER BY username LIMIT 7)",
    );
  second = await backedUp();
}, 120_000);
afterAll(() => line.close());

async function backedUp(): Promise<string> {
  const { result } = await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
  return result!.snapshots[0]!.id;
}

describe('a snapshot', () => {
  it('shows its records by the page', async () => {
    const { counts } = await line.client.snapshots.get({ snapshot: first });
    const keys: string[] = [];
    for (let from = 0; from < counts.users!; from += 90) {
      const page = await line.client.snapshots.records({
        snapshot: first,
        section: 'users',
        from,
        limit: 90,
      });
      expect(page.total).toBe(counts.users);
      expect(page.records[0]).toMatchObject({ index: from });
      keys.push(...page.records.map(({ key }) => key));
    }
    expect(keys).toHaveLength(counts.users!);
    expect(keys).toEqual((await line.users('dev', 'acme')).map(({ username }) => username).sort(compareKeys));
    await expect(
      line.client.snapshots.records({ snapshot: 'nothing', section: 'users' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is searched in batches that come to the same as the search', async () => {
    const input = { snapshot: second, text: 'changed', limit: 200 };
    const matches = [];
    let last;
    for await (const batch of await line.client.snapshots.searchStream(input)) {
      matches.push(...batch.matches);
      last = batch;
    }
    expect(matches).toEqual((await line.client.snapshots.search(input)).matches);
    expect(matches).toHaveLength(7);
    expect(last).toMatchObject({ done: true, truncated: false });
    expect(last?.searched).toBe(last?.of);
  });

  it('shows its differences from another one by the page, as the job tells them', async () => {
    const { result } = await line.run({ kind: 'diff', left: first, right: second, limit: 1000 });
    const { differences } = result!.comparison;
    expect(differences.length).toBeGreaterThanOrEqual(7);
    const shown: DifferenceView[] = [];
    for (let from = 0, more = true; more; from += 3) {
      const page = await line.client.snapshots.differences({ left: first, right: second, from, limit: 3 });
      shown.push(...page.differences);
      more = page.truncated;
    }
    expect(shown).toEqual(differences);
    const one = await line.client.snapshots.differences({
      left: first,
      right: second,
      kinds: ['changed'],
      sections: ['users'],
      text: differences.find(({ section }) => section === 'users')!.key.toUpperCase(),
    });
    expect(one).toMatchObject({ total: 1, truncated: false, differences: [{ section: 'users' }] });
    expect(
      await line.client.snapshots.differences({ left: first, right: second, kinds: ['removed'] }),
    ).toEqual({ differences: [], truncated: false, total: 0 });
  });

  it('stands beside the one before it, with what changed and what it takes', async () => {
    const asked = { environment: 'dev', realm: 'acme' };
    const [older, newer, ...others] = await line.client.snapshots.neighbours(asked);
    expect(others).toEqual([]);
    expect(older).toMatchObject({ snapshot: first, changes: null });
    expect(newer).toMatchObject({ snapshot: second, changes: { added: 0, removed: 0, changed: 7 } });
    expect(older).not.toHaveProperty('pending');
    expect(newer!.addedBytes).toBeGreaterThan(0);
    expect(newer!.addedBytes).toBeLessThan(older!.addedBytes!);
    const same = await backedUp();
    expect((await line.client.snapshots.neighbours(asked)).at(-1)).toMatchObject({
      snapshot: same,
      changes: { added: 0, removed: 0, changed: 0 },
      addedBytes: 0,
    });
    expect(await line.client.snapshots.neighbours({ environment: 'dev', realm: 'nothing' })).toEqual([]);
    // Of some sections only: nothing that follows the others.
    const before = await line.client.snapshots.neighbours(asked);
    await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'], sections: ['realm', 'roles'] });
    expect(await line.client.snapshots.neighbours(asked)).toEqual(before);
  });
});

describe('a plan', () => {
  it('shows its items from anywhere, the same in the engine that made it and in another one', async () => {
    const policy = { realm: 'merge', users: 'merge', clients: 'skip', conflicts: 'skip' } as const;
    const { plan } = await line.plan({ source: first, environment: 'prod', policy });
    expect((await line.client.jobs.list({ limit: 1 }))[0]).toMatchObject({
      title: `Plan snapshot ${first} of dev/acme → prod`,
    });
    const other = await line.reopen(0);
    try {
      const shown = [];
      for (const client of [line.client, other.client]) {
        const items: PlanItemView[] = [];
        for (let from = 0, more = true; more; from += 100) {
          const page = await client.plans.items({ plan, from, limit: 100 });
          items.push(...page.items);
          more = page.truncated;
        }
        const all = await client.plans.items({ plan, limit: 10_000 });
        expect(all).toEqual({ items, truncated: false, total: items.length });
        const created = await client.plans.items({ plan, actions: ['create'], sections: ['users'], from: 5 });
        const creations = items.filter(({ action, section }) => action === 'create' && section === 'users');
        expect(creations.length).toBeGreaterThan(20);
        expect(created).toMatchObject({ items: creations.slice(5, 105), total: creations.length });
        expect(creations[0]!.changes.map(({ member }) => member)).toContain('email');
        const text = creations[3]!.key;
        expect((await client.plans.items({ plan, text: text.toUpperCase() })).items).toEqual(
          items.filter(({ key }) => key.toLowerCase().includes(text.toLowerCase())),
        );
        shown.push(items);
      }
      expect(shown[1]).toEqual(shown[0]);
    } finally {
      await other.close();
    }
  });
});

describe('settings of an environment', () => {
  it('are tried without being stored, and stored secrets stay with their addresses', async () => {
    const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = line.sandbox.environment('dev');
    const api = { apiUrl, authUrl, gatewayUrl, clientId };
    const before = await line.client.environments.list();
    const given = { environment: { name: 'new', api: { ...api, clientSecret } } } as const;
    expect(await line.client.environments.tryOut(given)).toMatchObject({ usable: true });
    const events = [];
    for await (const event of await line.client.environments.tryOutSteps(given)) events.push(event);
    const told = events.flatMap((event) => ('step' in event ? [event.step] : []));
    expect(told.length).toBeGreaterThan(5);
    expect(events.at(-1)).toMatchObject({ result: { usable: true, steps: told } });
    const kept = { environment: { name: 'dev', api }, keepSecretsOf: 'dev' } as const;
    expect(await line.client.environments.tryOut(kept)).toMatchObject({ usable: true });
    const wrong = { environment: { name: 'new', api: { ...api, clientSecret: 'wrong' } } } as const;
    expect(await line.client.environments.tryOut(wrong)).toMatchObject({ usable: false });
    let asked = 0;
    line.fault = () => void asked++;
    const moved = { ...api, apiUrl: line.sandbox.environment('prod').apiUrl };
    await expect(
      line.client.environments.tryOut({ environment: { name: 'dev', api: moved }, keepSecretsOf: 'dev' }),
    ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('client secret') });
    expect(asked).toBe(0);
    line.fault = undefined;
    expect(await line.client.environments.list()).toEqual(before);
  });
});
