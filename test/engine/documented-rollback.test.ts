import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import { startLine, type Line } from './line.ts';

const SETTLED: PolicyInput = { conflicts: 'skip', unsupported: 'skip', caseVariants: 'create' };

let line: Line;
beforeAll(async () => {
  line = await startLine(60);
  await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
}, 60_000);
afterAll(async () => await line.close());

async function count(service: 'realm' | 'user' | 'rbac', what: string): Promise<number> {
  const [row] = await line.sandbox
    .environment('prod')
    .query<{ count: number }>(service, `SELECT count(*)::int FROM ${what}`);
  return row!.count;
}

async function imported(policy: PolicyInput): Promise<string> {
  const plan = await line.plan({
    source: 'latest:dev/acme',
    environment: 'prod',
    policy: { ...SETTLED, ...policy },
  });
  const { view, error } = await line.run({
    kind: 'apply',
    plan: plan.plan,
    confirm: policy.realmName ?? 'acme',
    confirmEnvironment: 'prod',
  });
  expect(error).toBeUndefined();
  return view.id;
}

async function undoing(job: string) {
  const { result } = await line.run<'rollback-plan'>({ kind: 'rollback-plan', job });
  return result!.plan;
}

describe('over the documented Admin API alone', () => {
  it('a rollback removes the realm that the job created, says what it cannot know, and proves it', async () => {
    const job = await imported({ realmName: 'made' });
    expect(await count('user', `users WHERE realm_name = 'made'`)).toBeGreaterThan(50);
    const plan = await undoing(job);
    expect(plan).toMatchObject({ mode: 'remove', blocked: false, destructive: true, undoes: job });
    expect(plan.warnings).toEqual(
      ['groups', 'policies']
        .map((section) =>
          expect.stringMatching(`tell about ${section}: if there are any, it is not known whether`),
        )
        .concat(
          ['credentials', 'social links'].map((section) =>
            expect.stringMatching(`tell about ${section}: removing the realm deletes those too`),
          ),
        ),
    );
    const confirm = { confirmEnvironment: 'prod' };
    await expect(line.apply(plan.plan, confirm)).rejects.toThrow('CONFIRMATION_NEEDED');
    const undone = await line.apply(plan.plan, { ...confirm, confirm: 'made' });
    expect(undone).toMatchObject({ status: 'succeeded', verified: true, counts: { failed: 0 } });
    expect(await count('realm', `realms WHERE name = 'made'`)).toBe(0);
    expect(await count('user', `users WHERE realm_name = 'made'`)).toBe(0);
    expect(await count('realm', `realms WHERE name = 'acme'`)).toBe(1);
    const { title, undoneBy } = await line.client.jobs.get({ job });
    expect(title).toMatch(/^Apply plan \w+: dev\/acme → prod\/made$/);
    expect(await line.client.jobs.get({ job: undoneBy! })).toMatchObject({
      title: `Undo job ${job} on prod/made, plan ${plan.plan}`,
    });
  });

  it('says of passwords that nobody can see that they are lost at most', async () => {
    await imported({ realmName: 'merged' });
    expect(
      await count('user', `user_credentials c JOIN users u ON u.id = c.user_id AND u.realm_name = 'merged'`),
    ).toBe(0);
    await line.sandbox
      .environment('prod')
      .query('user', `UPDATE users SET first_name = 'Other' WHERE realm_name = 'merged'`);
    const job = await imported({ realmName: 'merged', realm: 'merge', users: 'merge' });
    const plan = await undoing(job);
    const { passwordHashes } = plan.losses;
    expect(passwordHashes).toBeGreaterThan(50);
    expect(plan).toMatchObject({ mode: 'overwrite', losses: { unseen: { passwordHashes } } });
    const { todo } = await line.apply(plan.plan, { confirm: 'merged', confirmEnvironment: 'prod' });
    expect(todo).toContainEqual(
      `Up to ${passwordHashes} passwords were lost: who had one, the target does not tell. Set others on the target, or have the users reset them.`,
    );
  });
});
