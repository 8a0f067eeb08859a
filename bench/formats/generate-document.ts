import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const GIVEN_NAMES = ['Ana', 'Björn', 'Chloé', 'Đorđe', 'Mehmet', 'Ольга', 'سارة', '美咲', 'Nkechi', 'Łukasz'];
const FAMILY_NAMES = [
  'Müller',
  'Okafor',
  'Nguyễn',
  'Иванова',
  'الحسن',
  '山田',
  "O'Brien",
  'García',
  'Smith',
  'Kaya',
];

/**
 * An export document with `users` users of some 300 bytes each, as a server would write it, a chunk at a time: names
 * in several scripts, in no order, two roles each. The same number always gives the same bytes.
 */
export function* generateDocument(users: number): Generator<Buffer> {
  yield Buffer.from(
    `{"realm":{"id":"bench","displayName":"Benchmark","accessTokenLifespan":300,"refreshTokenLifespan":2592000,"mfaRequired":false,"smtpConfig":{"host":"smtp.example.com","port":587}},\n` +
      `"roles":[{"name":"admin","description":"Full access"},{"name":"viewer","description":"Read-only access"}],\n` +
      `"clients":[{"clientId":"app","redirectUris":["https://app.example.com/callback"],"grantTypes":["authorization_code"],"clientSecret":"**********"}],\n` +
      `"users":[\n`,
  );
  let text = '';
  for (let i = 0; i < users; i++) {
    text += user(i) + (i === users - 1 ? '\n' : ',\n');
    if (text.length > 60_000) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(`${text}]}\n`);
}

function user(i: number): string {
  // A multiplicative hash scatters the names, so that they come in no order.
  const scattered = Math.imul(i, 2654435761) >>> 0;
  const hex = scattered.toString(16).padStart(8, '0');
  return JSON.stringify({
    id: `${hex}-5e10-4e28-9a1b-${i.toString(16).padStart(12, '0')}`,
    username: `user-${hex}-${i}`,
    email: `user.${hex}.${i}@mail.example.com`,
    firstName: GIVEN_NAMES[scattered % 10],
    lastName: FAMILY_NAMES[(scattered >>> 8) % 10],
    enabled: scattered % 50 !== 0,
    emailVerified: scattered % 3 === 0,
    roles: scattered % 2 === 0 ? ['viewer', 'admin'] : ['viewer', 'auditor'],
    createdAt: '2025-01-01T00:00:00.120Z',
  });
}

export async function writeDocument(path: string, users: number): Promise<number> {
  const file = createWriteStream(path);
  let bytes = 0;
  for (const chunk of generateDocument(users)) {
    bytes += chunk.length;
    if (!file.write(chunk)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return bytes;
}
