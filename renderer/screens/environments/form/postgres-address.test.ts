import { expect, it } from 'vitest';
import { EMPTY_FORM } from './environment-form.ts';
import { addressOf, namedBy } from './postgres-address.ts';

const { postgres } = EMPTY_FORM;

it('names a server the other way and back without losing what was typed', () => {
  const address = 'postgres://reader@db.example:5433/iam?sslmode=verify-full&options=-c%20x';
  const typed = { ...postgres, by: 'address' as const, address };
  const parts = namedBy(typed, 'parts');
  expect(parts).toMatchObject({ host: 'db.example', port: 5433, user: 'reader', database: 'iam' });
  expect(addressOf(parts)).toBe(address);
  // What is changed in the parts is in the address.
  const changed = namedBy({ ...parts, host: '::1', user: 'a b' }, 'address');
  expect(addressOf(changed)).toBe('postgres://a%20b@[::1]:5433/iam?sslmode=verify-full&options=-c%20x');
  expect(namedBy(changed, 'parts')).toMatchObject({ host: '::1', user: 'a b' });
});

it('moves a password out of an address into its own field', () => {
  const typed = { ...postgres, by: 'address' as const, address: 'postgres://me:a%2Fb@db/' };
  const parts = namedBy(typed, 'parts');
  expect(parts).toMatchObject({ password: 'a/b', address: 'postgres://me@db/' });
  expect(namedBy(parts, 'address').address).toBe('postgres://me@db:5432/');
});

it('leaves alone what is no address, and parts where there is no host yet', () => {
  for (const address of ['host=db', 'https://db/', 'postgres://%zz@db/', '']) {
    const typed = { ...postgres, by: 'address' as const, address, host: 'before' };
    expect(namedBy(typed, 'parts')).toEqual({ ...typed, by: 'parts' });
  }
  expect(namedBy({ ...postgres, address: 'half' }, 'address').address).toBe('half');
});
