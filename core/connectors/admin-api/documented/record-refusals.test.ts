import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../contract/errors.ts';
import { namedRecords } from './record-refusals.ts';

function named(...fields: string[]): [number, string][] {
  const details = { fields: fields.map((field) => ({ field, message: 'wrong' })) };
  return [...namedRecords(new AppError('REQUEST_REFUSED', 'no', { details }), 5)];
}

describe('which records of a batch an answer names', () => {
  it.each([
    ['users[3].email', 'email: wrong'],
    ['/users/3/email', 'email: wrong'],
    ['users.3.email', 'email: wrong'],
    ['[3].email', 'email: wrong'],
    ['3.email', 'email: wrong'],
    ['users[3]', 'wrong'],
    ['3', 'wrong'],
  ])('%s', (field, reason) => {
    expect(named(field)).toEqual([[3, reason]]);
  });

  it.each(['email', '', '2fa', 'users[7].email', 'realm.id'])('“%s” names none', (field) => {
    expect(named(field)).toEqual([]);
    // Then nobody knows whom the others leave out of account.
    expect(named('users[3].email', field)).toEqual([]);
  });

  it('two reasons of one are told together', () => {
    expect(named('users[3].email', 'users[3].username')).toEqual([[3, 'email: wrong; username: wrong']]);
  });
});
