import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isUserImport } from './copied-realm.ts';
import { ended, lastView, startLine, type Line } from './line.ts';

let line: Line;
const folder = mkdtempSync(join(tmpdir(), 'drawbridge-left-out-'));

beforeAll(async () => {
  line = await startLine(5, { environments: [{ name: 'next', seed: 'prod' }] });
});
afterAll(async () => {
  await line?.close();
  rmSync(folder, { recursive: true, force: true });
});

function document(displayName: string, usernames: readonly string[], redirectUri: string): string {
  const path = join(folder, 'shop.json');
  const users = usernames.map((username) => ({ username, email: `${username}@example.com` }));
  const clients = ['a', 'b'].map((clientId) => ({
    clientId: `shop-${clientId}`,
    redirectUris: [redirectUri],
  }));
  writeFileSync(path, JSON.stringify({ realm: { id: 'shop', displayName }, clients, users }));
  return path;
}

it('a merge that was broken off and gone on with names what it left out all the same', async () => {
  const seed = { kind: 'seed', environment: 'next', ifExists: 'merge' } as const;
  await line.run({ ...seed, path: document('Shop', ['ann'], 'https://one.example.com') });
  line.fault = (request) => (isUserImport(request) ? { kind: 'answer', status: 403 } : undefined);
  const broken = await line.run({
    ...seed,
    path: document('Shoppe', ['ann', 'ben'], 'https://two.example.com'),
  });
  expect(broken.view).toMatchObject({ state: 'failed', begun: true, resumable: true });
  line.fault = () => undefined;

  const job = broken.view.id;
  await line.client.jobs.resume({ job });
  const { view, result } = ended<'seed'>(await lastView(line.client, job));
  // Not all that it was to do was done.
  expect(view.state).toBe('succeeded_with_errors');
  expect(result!.result).toMatchObject({
    status: 'succeeded',
    verified: true,
    leftOut: { count: 2, asked: 0, sections: { clients: 2 } },
    todo: expect.arrayContaining([expect.stringContaining('Left out: 2 clients (“shop-a” and “shop-b”).')]),
  });
});
