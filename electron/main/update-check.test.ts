import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch as fetchWith } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  makeAuthority,
  makeServerCertificate,
} from '../../core/connectors/admin-api/testing/certificates.ts';
import { lookForUpdate, updateAddress, updateSentence, type UpdateQuestion } from './update-check.ts';

const DAY = 24 * 60 * 60_000;
const authority = makeAuthority('Drawbridge test');
const agent = new Agent({ connect: { ca: authority.cert } });
let server: Server;
let asked: { url: string; headers: Record<string, unknown> }[];
let answer: { status: number; body: string; location?: string };
let folder: string;

beforeAll(async () => {
  server = createServer(
    makeServerCertificate({ names: ['127.0.0.1'] }, authority),
    ({ url = '', headers }, response) => {
      asked.push({ url, headers });
      response.writeHead(answer.status, answer.location ? { location: answer.location } : {});
      response.end(answer.body);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  await agent.close();
  server.close();
});
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: '{"version":"1.10.0","page":"https://example.invalid/new"}' };
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-update-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function question(change: Partial<UpdateQuestion> = {}): UpdateQuestion {
  return {
    address: `https://127.0.0.1:${(server.address() as AddressInfo).port}/version.json`,
    present: '1.9.9',
    file: join(folder, 'asked.json'),
    fetch: (address, init) => fetchWith(address, { ...init, dispatcher: agent } as never),
    now: 1_000_000_000_000,
    ...change,
  };
}

it('tells of a newer version, and that this is the newest', async () => {
  const news = await lookForUpdate(question());
  expect(news).toEqual({ kind: 'newer', version: '1.10.0', page: 'https://example.invalid/new' });
  expect(updateSentence(news)).toBe('Version 1.10.0 is there');
  expect(await lookForUpdate(question({ present: '1.10.0' }))).toEqual({ kind: 'newest' });
  expect(await lookForUpdate(question({ present: '2.0.0' }))).toEqual({ kind: 'newest' });
});

it('asks once a day, also after a failure, and sends nothing about anybody', async () => {
  const { now } = question();
  await lookForUpdate(question());
  await lookForUpdate(question({ now: now + DAY - 1 }));
  expect(asked).toHaveLength(1);
  expect(asked[0]?.url).toBe('/version.json');
  expect(Object.keys(asked[0]?.headers ?? {})).not.toContain('cookie');

  answer = { status: 500, body: '' };
  expect(await lookForUpdate(question({ now: now + DAY }))).toEqual({
    kind: 'unknown',
    reason: 'the address answered 500',
  });
  expect(await lookForUpdate(question({ now: now + DAY + 5 }))).toMatchObject({ kind: 'unknown' });
  expect(asked).toHaveLength(2);
});

it.each([
  ['{}', 'the answer tells no version'],
  ['not json', 'the answer tells no version'],
  ['{"version":"<b>1</b>"}', 'the answer tells no version'],
  ['{"version":"9.9.9","page":"javascript:alert(1)"}', 'the answer tells no version'],
  [JSON.stringify({ version: '9.9.9', more: 'x'.repeat(100_000) }), 'the answer is too long'],
])('takes nothing from the answer %.40s', async (body, reason) => {
  answer = { status: 200, body };
  expect(await lookForUpdate(question())).toEqual({ kind: 'unknown', reason });
});

it('follows no redirect', async () => {
  answer = { status: 302, body: '', location: '/elsewhere' };
  expect(await lookForUpdate(question())).toMatchObject({ kind: 'unknown' });
  expect(asked).toHaveLength(1);
});

it('trusts no server that it has no reason to trust', async () => {
  expect(await lookForUpdate(question({ fetch: (address, init) => fetch(address, init) }))).toMatchObject({
    kind: 'unknown',
  });
  expect(asked).toHaveLength(0);
});

it('asks nowhere without an address, and only over https', async () => {
  expect(await lookForUpdate(question({ address: undefined }))).toEqual({ kind: 'nowhere' });
  expect(updateAddress('https://example.invalid/v.json')).toBe('https://example.invalid/v.json');
  for (const address of [
    'http://example.invalid/',
    'file:///etc/passwd',
    'https://a:b@example.invalid/',
    'https://:b@example.invalid/',
    'no',
    '',
  ])
    expect(updateAddress(address)).toBeUndefined();
});
