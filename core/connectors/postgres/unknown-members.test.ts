import { expect, it, test } from 'vitest';
import { membersOfUnknown } from './unknown-members.ts';

test.each([
  ['users', ['nick_name'], { nick_name: 'nickName' }],
  ['users', ['phone', 'Nick'], { phone: 'phone', Nick: 'Nick' }],
  // A member that records have already, by whatever column it is carried.
  ['users', ['roles', 'password'], { roles: 'roles_', password: 'password_' }],
  ['oauth_clients', ['secret_hash'], { secret_hash: 'secret_hash' }],
  [
    'user_credentials',
    ['additional', 'secret_Hash'],
    { additional: 'additional_', secret_Hash: 'secret_Hash' },
  ],
  [
    'realms',
    ['access_token_lifespan', 'smtp_config'],
    { access_token_lifespan: 'access_token_lifespan', smtp_config: 'smtp_config' },
  ],
  // Two columns that would be one member.
  ['users', ['nick_name', 'nickName'], { nickName: 'nickName', nick_name: 'nick_name' }],
  ['users', ['nick__name', 'nick_name'], { nick__name: 'nick__name', nick_name: 'nick_name' }],
  ['users', ['_x', 'a_1', 'straße_ö'], { _x: '_x', a_1: 'a1', straße_ö: 'straßeÖ' }],
] as const)('%s %j', (table, columns, members) => {
  expect(Object.fromEntries(membersOfUnknown(table, columns))).toEqual(members);
});

it('does not depend on the order of the columns', () => {
  const columns = ['nick__name', 'nick_name', 'roles', 'roles_', 'b'];
  const forwards = membersOfUnknown('users', columns);
  expect(membersOfUnknown('users', columns.toReversed())).toEqual(forwards);
  expect(new Set(forwards.values()).size).toBe(columns.length);
});
