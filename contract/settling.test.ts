import { expect, it } from 'vitest';
import { harmlessPolicy, settlementsOf } from './settling.ts';

const conflict = (section: 'realm' | 'users' | 'clients', reason: string) => ({
  section,
  key: 'x',
  action: 'conflict' as const,
  reason,
  explanation: '',
  changes: [],
  warnings: [],
});

it('advises nothing by which somebody could log in who could not', () => {
  const realm = conflict('realm', 'enabled-there');
  expect(settlementsOf(realm).map(({ flag }) => flag)).toEqual(['--unsupported skip']);
  expect(harmlessPolicy({}, [realm])).toBeUndefined();
  expect(harmlessPolicy({}, [conflict('users', 'route-cannot'), realm])).toBeUndefined();
});

it('offers only what the route can do', () => {
  const client = conflict('clients', 'exists-unchangeable');
  expect(settlementsOf(client).map(({ flag }) => flag)).toEqual([
    '--clients skip',
    '--exclude <section/key>',
  ]);
  expect(harmlessPolicy({ clients: 'update' }, [client])).toEqual({ clients: 'skip' });
  const leftovers = conflict('realm', 'leftovers-stay');
  expect(settlementsOf(leftovers).map(({ flag }) => flag)).toEqual([
    '--leftovers adopt',
    '--realm-name <name>',
  ]);
});

it('advises no policy that would end with the same conflict', () => {
  const withoutRealm = conflict('realm', 'source-unknown');
  expect(harmlessPolicy({}, [withoutRealm])).toBeUndefined();
  expect(settlementsOf(withoutRealm).map(({ flag }) => flag)).toEqual([
    '--realm-name <name>',
    '--realm merge',
  ]);
  const taken = conflict('users', 'email-taken');
  expect(harmlessPolicy({}, [withoutRealm, taken])).toEqual({ conflicts: 'skip' });
  expect(harmlessPolicy({ conflicts: 'skip' }, [taken])).toBeUndefined();
});
