import { describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import { displayKey, keysShownAs, naturalKey } from './natural-key.ts';
import type { JsonObject } from './record.ts';

describe('a natural key', () => {
  it('is one member, or several that cannot run into each other', () => {
    expect(naturalKey('users', { username: 'Ana' })).toBe('Ana');
    expect(naturalKey('groups', { path: '/a/b', name: 'b' })).toBe('/a/b');
    const one = naturalKey('credentials', { username: 'a', type: 'b/c' });
    const other = naturalKey('credentials', { username: 'a/b', type: 'c' });
    expect(one).not.toBe(other);
    expect(displayKey(one)).toBe('a/b/c');
    // Which of them is meant by what is shown, only looking for them tells.
    expect([...keysShownAs('a/b/c')]).toEqual(['a/b/c', one, other]);
    expect([...keysShownAs('Ana')]).toEqual(['Ana']);
  });

  it.each<JsonObject>([{}, { username: '' }, { username: 7 }, { username: null }, { username: 'a\u0000b' }])(
    'is missing in %j',
    (body) => {
      expect(() => naturalKey('users', body)).toThrow(
        expect.toSatisfy((error: unknown) => isAppError(error, 'INVALID_DOCUMENT')) as Error,
      );
    },
  );
});
