import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import type { Policy } from './plan.ts';
import { api, postgres } from './testing/captures.ts';
import { itemAt, plan, type Planned, type PlanSetup } from './testing/plan-fixture.ts';
import { documentedRoute, fullRoute, releasedRoute } from './testing/routes.ts';

const realm = [{ name: 'shop' }];
const hash = (username: string, secretHash: string): JsonObject => ({
  username,
  type: 'PASSWORD',
  secretHash,
});
const link = (username: string): JsonObject => ({ provider: 'g', providerUserId: username, username });
const client = (clientId: string, description: string): JsonObject => ({ clientId, description });

const source = postgres({
  realm,
  users: [{ username: 'a', email: 'a@new' }, { username: 'b', email: 'b@new' }, { username: 'same' }],
  credentials: [hash('a', 'new'), hash('b', 'new'), hash('same', 'new')],
  socialLinks: [link('a'), link('b')],
  clients: [client('c', 'new'), client('d', 'new')],
});
const target = postgres({
  realm,
  users: [{ username: 'a', email: 'a@old' }, { username: 'b', email: 'b@old' }, { username: 'same' }],
  credentials: [hash('a', 'old'), hash('b', 'old'), hash('same', 'old')],
  socialLinks: [],
  clients: [client('c', 'old'), client('d', 'old')],
});

const merging = (policy: Partial<Policy>, setup: Partial<PlanSetup> = {}): Promise<Planned> =>
  plan({ source, target, route: fullRoute, ...setup, policy: { realm: 'merge', ...policy } });
const act = (planned: Planned, section: Section, key: string): string | undefined => {
  const found = itemAt(planned, section, key.replace('/', '\u0000'));
  return found && `${found.action} ${found.reason}`;
};
const warned = ({ summary }: Planned): string => summary.warnings.join('\n');

describe('a user who is to be updated by name', () => {
  it('is changed with password and links, and nobody else who is there', async () => {
    const planned = await merging({ clients: 'skip', update: ['users/a'] });
    expect(itemAt(planned, 'users', 'a')).toMatchObject({
      action: 'update',
      reason: 'differs',
      write: { username: 'a', email: 'a@new' },
    });
    expect(act(planned, 'credentials', 'a/PASSWORD')).toBe('update differs');
    expect(act(planned, 'socialLinks', 'g/a')).toBe('create only-in-source');
    for (const [section, key] of [
      ['users', 'b'],
      ['credentials', 'b/PASSWORD'],
      ['credentials', 'same/PASSWORD'],
      ['socialLinks', 'g/b'],
    ] as const)
      expect(act(planned, section, key)).toBe('skip exists-policy-skip');
    expect(planned.summary.warnings).toEqual([]);
  });

  it('gets the password also where nothing else is to be changed', async () => {
    const planned = await merging({ clients: 'skip', update: ['users/same'] });
    expect(act(planned, 'users', 'same')).toBeUndefined();
    expect(act(planned, 'credentials', 'same/PASSWORD')).toBe('update differs');
  });

  it('loses what the source knows not to be, where the target mirrors the source', async () => {
    const { credentials: _, ...rest } = source;
    const bare = { ...rest, credentials: postgres({ credentials: [] }).credentials! };
    const planned = await merging(
      { clients: 'skip', extra: 'delete', update: ['users/a'] },
      { source: bare },
    );
    expect(act(planned, 'credentials', 'a/PASSWORD')).toBe('delete only-in-target-deleted');
    expect(act(planned, 'credentials', 'b/PASSWORD')).toBe('skip exists-policy-skip');
    expect(planned.summary).toMatchObject({ destructive: true, losses: { passwordHashes: 1 } });
  });

  it('brings a role that the target lacks, as one who is merged', async () => {
    const users = (roles: string[]) =>
      api({
        realm,
        users: [
          { username: 'a', roles },
          { username: 'b', roles },
        ],
      });
    const setup = { source: users(['new']), target: users([]), route: documentedRoute };
    expect(act(await merging({ update: ['users/a'] }, setup), 'roles', 'new')).toBe(
      'create created-by-mapping',
    );
    expect(act(await merging({}, setup), 'roles', 'new')).toBeUndefined();
    const left = await merging({ update: ['users/a'], exclude: ['roles/new'] }, setup);
    expect(act(left, 'users', 'a')).toBe('unchanged nothing-to-set');
    expect(act(left, 'roles', 'new')).toBeUndefined();
  });

  it('may run into another one’s address', async () => {
    const taken = {
      ...target,
      users: postgres({ users: [{ username: 'a' }, { username: 'x', email: 'a@new' }] }).users!,
    };
    const planned = await merging({ clients: 'skip', update: ['users/a'] }, { target: taken });
    expect(act(planned, 'users', 'a')).toBe('conflict email-taken');
    expect(act(planned, 'credentials', 'a/PASSWORD')).toBe('skip email-taken');
  });
});

describe('a client that is to be updated by name', () => {
  it('neither stops the plan nor is skipped', async () => {
    for (const clients of ['stop', 'skip'] as const) {
      const planned = await merging({ clients, update: ['clients/c'] });
      expect(act(planned, 'clients', 'c')).toBe('update differs');
      expect(act(planned, 'clients', 'd')).toBe(
        clients === 'stop' ? 'conflict exists-policy-stop' : 'skip exists-policy-skip',
      );
    }
  });

  it('is what the route cannot write where it cannot', async () => {
    const setup = { source: api({ realm, clients: [client('c', 'new')] }), route: releasedRoute };
    const of = (unsupported: 'stop' | 'skip') =>
      merging(
        { clients: 'skip', unsupported, update: ['clients/c'] },
        { ...setup, target: api({ realm, clients: [client('c', 'old')] }) },
      );
    expect(act(await of('stop'), 'clients', 'c')).toBe('conflict route-cannot');
    expect(act(await of('skip'), 'clients', 'c')).toBe('skip route-cannot');
  });
});

describe('what was to be updated and is not', () => {
  it('is left out, which comes first, with what belongs to it', async () => {
    const planned = await merging({
      clients: 'skip',
      update: ['users/a', 'users/same', 'clients/c'],
      exclude: ['users/*'],
    });
    expect(act(planned, 'users', 'a')).toBe('skip excluded');
    expect(act(planned, 'credentials', 'a/PASSWORD')).toBe('skip excluded');
    expect(act(planned, 'credentials', 'same/PASSWORD')).toBe('skip excluded');
    expect(act(planned, 'clients', 'c')).toBe('update differs');
    expect(planned.summary.warnings).toEqual([
      '“users/a” was to be updated, but it is left out, and that comes first.',
      '“users/same” was to be updated, but it is left out, and that comes first.',
    ]);
    const others = await merging({ update: ['users/a', 'users/b'], only: ['users/b'] });
    expect(act(others, 'users', 'b')).toBe('update differs');
    expect(act(others, 'credentials', 'b/PASSWORD')).toBe('update differs');
    expect(act(others, 'users', 'a')).toBe('skip excluded');
    expect(warned(others)).toBe('“users/a” was to be updated, but it is left out, and that comes first.');
  });

  it('is told where the source has no such record, or its section is no part of the plan', async () => {
    const extra = { ...target, users: postgres({ users: [{ username: 'old' }] }).users! };
    const planned = await merging(
      { clients: 'skip', update: ['users/old', 'users/A', 'users/a*', 'users/a'] },
      { target: extra },
    );
    expect(planned.summary.warnings).toEqual([
      '“users/old” was to be updated, but the source has no such record.',
      '“users/A” was to be updated, but the source has no such record.',
      '“users/a*” was to be updated, but the source has no such record (an asterisk stands for nothing but itself here).',
    ]);
    // Who is not there is created, which comes to the same.
    expect(act(planned, 'users', 'a')).toBe('create only-in-source');
    expect(warned(await merging({ sections: ['users'], update: ['clients/c'] }))).toBe(
      '“clients/c” was to be updated, but clients were not selected.',
    );
  });

  it('decides nothing where the realm is replaced, or removed', async () => {
    const replaced = await merging({ realm: 'overwrite', update: ['users/a', 'clients/c'] });
    const same = await merging({ realm: 'overwrite' });
    expect(replaced.summary.digest).toBe(same.summary.digest);
    expect(warned(replaced)).toContain(
      'That single records were to be updated (2) decides nothing: all of the source is written anew.',
    );
    expect(warned(await merging({ realm: 'remove', update: ['users/a'] }))).toContain(
      'That single records were to be updated (1) decides nothing: the realm is deleted whole.',
    );
  });

  it('goes without saying where all are', async () => {
    const all = await merging({ users: 'merge', clients: 'update' });
    const named = await merging({ users: 'merge', clients: 'update', update: ['users/a', 'clients/c'] });
    expect(named.summary).toEqual(all.summary);
  });
});
