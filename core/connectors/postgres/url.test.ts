import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isAppError } from '../../../contract/errors.ts';
import { SSL_MODES } from './settings.ts';
import { isPostgresUrl, parsePostgresUrl } from './url.ts';

describe('parsePostgresUrl', () => {
  test.each([
    ['postgres://', {}],
    ['postgresql:///opengate', { database: 'opengate' }],
    ['postgres://db', { host: 'db' }],
    ['postgres://:5433', { port: 5433 }],
    ['postgres://app@', { user: 'app' }],
    ['postgres://app:@db/', { user: 'app', host: 'db' }],
    [
      'postgres://app:s%40f%2Fe%3A%25@db.example.com:5433/open%20gate',
      { user: 'app', password: 's@f/e:%', host: 'db.example.com', port: 5433, database: 'open gate' },
    ],
    // As browsers read it: the last @ ends the password.
    ['postgres://app:p@ss@db', { user: 'app', password: 'p@ss', host: 'db' }],
    ['postgres://[::1]:5433/x', { host: '::1', port: 5433, database: 'x' }],
    ['postgres://[2001:db8::1]', { host: '2001:db8::1' }],
    [
      'postgres://app@%2Fvar%2Frun%2Fpostgresql/x',
      { user: 'app', host: '/var/run/postgresql', database: 'x' },
    ],
    [
      'postgres:///x?host=/var/run/postgresql&port=5433',
      { host: '/var/run/postgresql', port: 5433, database: 'x' },
    ],
    [
      'postgres://db/x?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem&sslcert=c.pem&sslkey=k.pem',
      {
        host: 'db',
        database: 'x',
        sslMode: 'verify-ca',
        sslRootCert: '/etc/ca.pem',
        sslCert: 'c.pem',
        sslKey: 'k.pem',
      },
    ],
    ['postgres://db?ssl=true', { host: 'db', sslMode: 'require' }],
    [
      'postgres://db?connect_timeout=5&application_name=nightly+run',
      { host: 'db', connectMs: 5000, applicationName: 'nightly+run' },
    ],
    ['postgres://db?connect_timeout=0', { host: 'db' }],
    [
      '  postgres://db?user=u&password=p&dbname=d&passfile=%2Fp\n',
      { host: 'db', user: 'u', password: 'p', database: 'd', passFile: '/p' },
    ],
    ['postgres://db?client_encoding=auto&channel_binding=prefer&sslmode=', { host: 'db' }],
  ])('%s', (text, expected) => {
    expect(parsePostgresUrl(text)).toEqual(expected);
  });

  test.each([
    ['mysql://db', 'does not begin with'],
    ['db.example.com', 'does not begin with'],
    ['postgres://db:543210', 'port'],
    ['postgres://db:0', 'port'],
    ['postgres://db:x', 'port'],
    ['postgres://db?port=a', 'port'],
    ['postgres://::1/x', 'brackets'],
    ['postgres://[::1/x', 'not well-formed'],
    ['postgres://one,two/x', 'several hosts'],
    ['postgres://db/x?host=one,two', 'several hosts'],
    ['postgres://app:100%@db', 'the password has a %'],
    ['postgres://app:%00@db', 'NUL'],
    ['postgres://db?sslmode=allow', 'sslmode is not one of'],
    ['postgres://db?sslmod=require', 'the parameter “sslmod” is not supported'],
    ['postgres://db?sslcert=c.pem', 'belong together'],
    ['postgres://db?connect_timeout=soon', 'connect_timeout'],
    ['postgres://db?target_session_attrs=primary', 'target_session_attrs'],
    ['postgres://db?channel_binding=require', 'not supported'],
    ['postgres://db?sslmode', 'name=value'],
  ])('%s is refused', (text, why) => {
    expect(refusal(text)).toContain(why);
  });

  // Written as they are, these characters make of the password's parts a host, a port, a database or a parameter.
  test.each([
    'hush/hush',
    'hush?hush',
    'hush#hush',
    '1/hush',
    '1?hush=1',
    '/hush',
    'a?hush=x&b',
    '%hush',
    'a:b/hush?c',
  ])('a password %s that is not encoded is refused or taken whole, and never repeated', (password) => {
    const text = `postgres://app:${password}@db.example.com/x`;
    expect(refusal(text)).not.toContain('hush');
    expect(refusal(text)).toMatch(/encoded|%25/);
  });

  it('takes back whatever was encoded', () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(
        word,
        word,
        word,
        fc.integer({ min: 1, max: 65535 }),
        fc.constantFrom(...SSL_MODES),
        (...parts) => {
          const [user, password, database, port, sslMode] = parts;
          const text = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db:${port}/${encodeURIComponent(database)}?sslmode=${sslMode}`;
          expect(parsePostgresUrl(text)).toEqual({ user, password, database, port, sslMode, host: 'db' });
        },
      ),
    );
  });

  it('reads or refuses anything, and repeats no password', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        try {
          parsePostgresUrl(`postgres://${before}s3cr3t${after}`);
        } catch (error) {
          if (!isAppError(error, 'USAGE')) throw error;
          expect(error.message + error.remedy).not.toContain('s3cr3t');
        }
      }),
    );
  });
});

it('isPostgresUrl tells addresses from names of databases', () => {
  expect(['postgres://', 'postgresql://db/x', 'opengate_user', 'postgres'].map(isPostgresUrl)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

function refusal(text: string): string {
  try {
    parsePostgresUrl(text);
  } catch (error) {
    if (isAppError(error, 'USAGE')) return error.message;
    throw error;
  }
  return 'taken';
}
