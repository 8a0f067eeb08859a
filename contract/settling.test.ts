import { expect, it } from 'vitest';
import { harmlessPolicy, settlementsOf } from './settling.ts';

const conflict = (section: 'realm' | 'users', reason: string) => ({
  section,
  key: 'x',
  action: 'conflict' as const,
  reason,
  explanation: '',
  changes: [],
  warnings: [],
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
