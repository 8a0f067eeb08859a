import { expect, test } from 'vitest';
import { hasPassword, takeFiles } from './postgres-url.ts';

test.each([
  ['postgres://opengate:hunter2@db.example:5432/', true],
  ['postgresql://opengate:p@ss/word@db.example', true],
  ['postgres://opengate@db.example/?password=hunter2', true],
  ['postgres://opengate@db.example/?sslmode=require&password=x', true],
  ['postgres://opengate@db.example:5432/', false],
  ['postgres://db.example:5432/x', false],
  ['postgres://opengate:@db.example/', false],
  ['postgres://opengate@[::1]:5432/', false],
  ['opengate_user', false],
])('a password in %s: %s', (url, has) => {
  expect(hasPassword(url)).toBe(has);
});

test('certificate files are taken out of the address, and nothing else', () => {
  expect(
    takeFiles(
      'postgres://u@h/?sslmode=verify-full&sslrootcert=.%2Fca%20x.pem&sslcert=c.pem&sslkey=k%.pem&options=-c%20a%3Db',
    ),
  ).toEqual({
    url: 'postgres://u@h/?sslmode=verify-full&options=-c%20a%3Db',
    files: { sslrootcert: './ca x.pem', sslcert: 'c.pem', sslkey: 'k%.pem' },
  });
  expect(takeFiles('postgres://u@h/?sslrootcert=ca.pem')).toEqual({
    url: 'postgres://u@h/',
    files: { sslrootcert: 'ca.pem' },
  });
  expect(takeFiles('postgres://u@h/?sslrootcert=system').files).toEqual({});
  expect(takeFiles('postgres://u@h/')).toEqual({ url: 'postgres://u@h/', files: {} });
});
