import { expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import { requireScheme } from './web-address.ts';

function refused(text: string): string | undefined {
  try {
    requireScheme('--api-url', text);
    return undefined;
  } catch (error) {
    if (!isAppError(error, 'USAGE')) throw error;
    return `${error.message} ${error.remedy}`;
  }
}

it.each(['localhost:8089', 'LOCALHOST', '127.0.0.1:8089/admin', '127.9.9.9', '[::1]:8089', 'iam.localhost'])(
  'proposes http:// for this computer: %s',
  (text) => {
    expect(refused(text)).toContain(`On this computer most likely --api-url http://${text};`);
  },
);

it.each([
  'iam.example.com',
  'iam.example.com:8089/admin',
  '10.0.0.5:8089',
  'localhost.example.com',
  '127.0.0.1.example.com',
])('proposes https:// for any other, and says what http:// would mean: %s', (text) => {
  expect(refused(text)).toContain(`Give --api-url https://${text}. Only where`);
  expect(refused(text)).toContain('are sent unencrypted');
});

it.each([
  'http://localhost:8089',
  'https://iam.example.com',
  'ftp://iam.example.com',
  'https:/iam.example.com',
  'user:secret@iam.example.com',
  'a b',
  '',
  '?',
  'https',
])('leaves all else to the engine: “%s”', (text) => {
  expect(refused(text)).toBeUndefined();
});
