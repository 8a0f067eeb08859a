import { expect, test } from 'vitest';
import { parsePostgresUrl } from '../../core/connectors/postgres/url.ts';
import { asUrl, isConnectionString } from './connection-string.ts';

test.each([
  ['host=db.example port=5433 user=opengate', true],
  [" dbname = 'x'", true],
  ['postgres://u@h/?sslmode=require', false],
  ['opengate_user', false],
])('%s is a connection string: %s', (text, is) => {
  expect(isConnectionString(text)).toBe(is);
});

test.each([
  [
    'host=db.example port=5433 user=opengate dbname=iam sslmode=require',
    { host: 'db.example', port: 5433, user: 'opengate', database: 'iam', sslMode: 'require' },
  ],
  [
    String.raw`user = 'a b' password = 'it\'s \\ @/?#%' host=::1`,
    { host: '::1', user: 'a b', password: String.raw`it's \ @/?#%` },
  ],
  ["host=/var/run/postgresql  port='' user=me", { host: '/var/run/postgresql', user: 'me' }],
  ['password=x sslrootcert=./ca.pem', { password: 'x', sslRootCert: './ca.pem' }],
])('%s as a URL says the same', (text, says) => {
  expect(parsePostgresUrl(asUrl(text))).toEqual(says);
});

test.each(["host=db password='unclosed", 'host=db hunter2', "host=db password=hun'ter2"])(
  'what is not well-formed is refused, and not repeated: %s',
  (text) => {
    expect(() => asUrl(text)).toThrow(/not well-formed\.$/);
  },
);

test('what is not supported is refused by its name', () => {
  expect(() => parsePostgresUrl(asUrl('hostaddr=10.0.0.1'))).toThrow('“hostaddr” is not supported');
  expect(() => parsePostgresUrl(asUrl('host=a,b'))).toThrow('several hosts');
});
