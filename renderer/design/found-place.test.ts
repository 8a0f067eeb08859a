import { expect, test } from 'vitest';
import { foundPlace } from './found-place.ts';

const ALICE = {
  username: 'alice',
  email: 'a.smith@example.com',
  firstName: 'Alice',
  attributes: { costCentre: ['4711'], 'odd name': ['x-1'] },
  redirectUris: ['https://one.example', 'https://two.example'],
  enabled: true,
};

test.each([
  ['SMITH', 'e-mail', 'a.smith@example.com'],
  ['alice', 'username', 'alice'],
  ['4711', 'attributes: costCentre', '4711'],
  ['x-1', 'attributes: odd name', 'x-1'],
  ['two', 'redirect URIs', 'https://two.example'],
  ['true', 'enabled', 'true'],
])('%s is found in: %s', (text, member, value) => {
  expect(foundPlace(ALICE, text)).toEqual({ member, value });
});

test('the names of members themselves are not looked in', () => {
  expect(foundPlace(ALICE, 'firstName')).toBeUndefined();
  expect(foundPlace({ firstName: 'x' }, 'x')).toEqual({ member: 'first name', value: 'x' });
});
