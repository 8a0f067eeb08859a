import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../model/record.ts';
import { explain } from './explain.ts';
import type { Policy } from './plan.ts';
import { postgres } from './testing/captures.ts';
import { itemAt, plan } from './testing/plan-fixture.ts';
import { fullRoute } from './testing/routes.ts';

const realm = [{ name: 'shop' }];
const hash = (username: string, secretHash = 'h'): JsonObject => ({ username, type: 'PASSWORD', secretHash });
const link = (username: string, providerUserId = '1'): JsonObject => ({
  provider: 'g',
  providerUserId,
  username,
});

interface Side {
  readonly users: readonly string[];
  readonly credentials?: readonly JsonObject[];
  readonly socialLinks?: readonly JsonObject[];
}

async function planned(source: Side, target: Side, policy: Partial<Policy> = {}) {
  const side = ({ users, credentials = [], socialLinks = [] }: Side) =>
    postgres({ users: users.map((username) => ({ username })), credentials, socialLinks });
  const { users, credentials, socialLinks } = side(target);
  const found = await plan({
    source: side(source),
    target: { ...postgres({ realm }), users: users!, credentials: credentials!, socialLinks: socialLinks! },
    route: fullRoute,
    policy,
  });
  return (section: 'credentials' | 'socialLinks', key: string) => {
    const item = itemAt(found, section, key.replace('/', '\u0000'));
    return item && `${item.action} ${item.reason}${item.loses ? ` loses ${item.loses}` : ''}`;
  };
}

describe('a credential', () => {
  const source = { users: ['a', 'new'], credentials: [hash('a', 'new'), hash('new')] };
  const target = { users: ['a', 'kept'], credentials: [hash('a', 'old'), hash('kept')] };

  it('is left alone with its user, and comes with a new one', async () => {
    const at = await planned(source, target);
    expect(at('credentials', 'a/PASSWORD')).toBe('skip exists-policy-skip');
    expect(at('credentials', 'new/PASSWORD')).toBe('create only-in-source');
    expect(at('credentials', 'kept/PASSWORD')).toBe('skip only-in-target-kept');
  });

  it('is replaced when users are merged', async () => {
    const at = await planned(source, target, { users: 'merge' });
    expect(at('credentials', 'a/PASSWORD')).toBe('update differs');
  });

  it('is left alone with a user who is left out by name, and is equal on both sides', async () => {
    const exclude = ['users/a', 'users/kept'];
    const at = await planned(source, target, { users: 'merge', extra: 'delete', exclude });
    expect(at('credentials', 'a/PASSWORD')).toBe('skip excluded');
    expect(at('credentials', 'kept/PASSWORD')).toBe('skip excluded');
    const alone = await planned({ users: ['a'] }, target, { users: 'merge', extra: 'delete', exclude });
    expect(alone('credentials', 'a/PASSWORD')).toBe('skip excluded');
  });

  it('is deleted with its user, or alone, which loses a password', async () => {
    const policy = { users: 'merge', extra: 'delete' } as const;
    const at = await planned({ users: ['a'] }, target, policy);
    expect(at('credentials', 'kept/PASSWORD')).toBe('delete only-in-target-deleted');
    expect(at('credentials', 'a/PASSWORD')).toBe('delete only-in-target-deleted loses passwordHash');
  });

  it('can belong to a user whom only the target has', async () => {
    const at = await planned({ users: [], credentials: [hash('kept', 'new')] }, target, { users: 'merge' });
    expect(at('credentials', 'kept/PASSWORD')).toBe('update differs');
  });

  it('is left out when nobody has its user', async () => {
    const at = await planned({ users: [], credentials: [hash('ghost')] }, target);
    expect(at('credentials', 'ghost/PASSWORD')).toBe('skip not-selected');
  });

  it('that is left out with its user says so, and names nobody', async () => {
    const { items } = await plan({
      source: postgres({ realm, users: [{ username: 'Ann' }], credentials: [hash('Ann')] }),
      target: postgres({ realm, users: [{ username: 'ann' }], credentials: [] }),
      route: fullRoute,
      policy: { realm: 'merge', conflicts: 'skip' },
    });
    const told = items
      .filter(({ reason }) => reason === 'differs-only-by-case')
      .map((item) => explain(item.reason, item));
    expect(told).toEqual([
      'The target has “ann”, whose name differs only by upper and lower case: most likely the same person.',
      'The user of this credential is left out, for a reason that is told there, and the credential with them.',
    ]);
  });

  it('is missed only where the source has one, or does not tell', async () => {
    const users = [{ username: 'has' }, { username: 'never-had' }];
    const told = async (credentials: JsonObject[] | undefined, exclude: string[] = []) => {
      const source = postgres({ realm, users, ...(credentials && { credentials }) });
      const { items } = await plan({ source, route: fullRoute, policy: { exclude } });
      return items.flatMap(({ key, notes = [] }) => notes.map(({ kind }) => `${key} ${kind}`));
    };
    expect(await told([hash('has')])).toEqual([]);
    expect(await told([hash('has')], ['credentials/has/*'])).toEqual(['has no-password']);
    expect(await told(undefined)).toEqual(['has no-password', 'never-had no-password']);
  });

  it('that is no password is not lost as one', async () => {
    const totp = { username: 'a', type: 'TOTP', secretHash: 't' };
    const one = [{ username: 'a' }];
    const setup = {
      source: postgres({ realm, users: one, credentials: [hash('a')] }),
      target: postgres({ realm, users: one, credentials: [hash('a'), totp] }),
      route: fullRoute,
    };
    for (const policy of [
      { realm: 'overwrite' },
      { realm: 'merge', users: 'merge', extra: 'delete' },
    ] satisfies Partial<Policy>[]) {
      const found = await plan({ ...setup, policy });
      expect(itemAt(found, 'credentials', 'a\u0000TOTP')).toMatchObject({
        action: 'delete',
        loses: 'otherCredential',
        warnings: ['It is lost, and the user stays: they have to set it up again.'],
      });
      expect(found.summary.losses).toMatchObject({ passwordHashes: 0, otherCredentials: { TOTP: 1 } });
    }
  });

  it('is lost in an overwrite when the source lacks it and the user returns', async () => {
    const found = await plan({
      source: postgres({ realm, users: [{ username: 'a' }], credentials: [] }),
      target: postgres({
        realm,
        users: [{ username: 'a' }, { username: 'b' }],
        credentials: [hash('a'), hash('b')],
      }),
      route: fullRoute,
      policy: { realm: 'overwrite' },
    });
    expect(found.summary.losses).toMatchObject({ users: 1, passwordHashes: 1 });
  });
});

describe('a social link', () => {
  const merge = { users: 'merge', conflicts: 'skip' } as const;

  it('of another user is a conflict', async () => {
    const at = await planned(
      { users: ['a'], socialLinks: [link('a')] },
      { users: ['a', 'b'], socialLinks: [link('b')] },
      merge,
    );
    expect(at('socialLinks', 'g/1')).toBe('skip social-link-taken');
  });

  it('is freed with a user who is deleted', async () => {
    const target = { users: ['a', 'b'], socialLinks: [link('b')] };
    const at = await planned({ users: ['a'], socialLinks: [link('a')] }, target, {
      ...merge,
      extra: 'delete',
    });
    expect(at('socialLinks', 'g/1')).toBe('create only-in-source');
    const excluded = await planned({ users: ['a'], socialLinks: [link('a')] }, target, {
      ...merge,
      extra: 'delete',
      exclude: ['socialLinks/g/1'],
    });
    expect(excluded('socialLinks', 'g/1')).toBe('delete only-in-target-deleted');
  });
});
