import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, PASSPHRASE, test } from './fixtures.ts';

// Long walks, since each start costs seconds: on a busy machine far more.
test.describe.configure({ timeout: 360_000 });

test.use({ withEnvironments: true });

const WEBHOOK = 'https://alerts.example/a-path-that-is-a-secret';

test('secrets stay in the vault: not in the window, its messages, files, reports, or any process’s arguments', async ({
  drawn,
  drawbridge,
  home,
  standIns,
  window,
}) => {
  const secrets = [PASSPHRASE, WEBHOOK.slice('https://alerts.example/'.length)];
  for (const { clientSecret, pgUrl } of await standIns())
    secrets.push(clientSecret, decodeURIComponent(new URL(pgUrl).password));
  for (const secret of secrets)
    expect(secret.length, 'long enough not to be found by chance').toBeGreaterThan(11);

  // Everything that has to do with a secret is done: connections, a job, a schedule with a webhook, a failure.
  await drawbridge('backup dev acme --quiet');
  await drawbridge('schedule add nightly --cron @daily --env dev --realm acme --webhook-url-env HOOK', {
    HOOK: WEBHOOK,
  });
  const { jobs } = JSON.parse(await drawbridge('job list --json')) as { jobs: { id: string }[] };
  const job = jobs[0]!.id;

  const messages: string[] = [];
  drawn.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => messages.push(payload.toString())),
  );
  await drawn.reload();
  const marker = 'a-marker-that-must-be-found';
  await drawn.evaluate((text) => void Object.assign(globalThis, { marker: text }), marker);
  for (const place of [
    '/',
    '/environments',
    '/environments/dev',
    '/snapshots',
    '/compare',
    '/migrate',
    '/jobs',
    `/jobs/${job}`,
    '/schedules',
    '/schedules/named/nightly',
    '/settings/storage',
    '/settings/encryption',
    '/settings/retention',
    '/settings/appearance',
    '/settings/about',
    '/help/errors',
  ]) {
    await drawn.evaluate(`void (location.hash = ${JSON.stringify(place)})`);
    await expect(drawn).toHaveURL(({ hash }) => hash.startsWith(`#${place}`));
    await expect(drawn.getByRole('heading', { level: 1 })).toBeVisible();
    // What it asks for has come.
    await expect(drawn.locator('[aria-busy="true"]')).toHaveCount(0);
  }
  await drawn.evaluate("void (location.hash = '/settings/appearance')");
  await drawn.getByText('Dark', { exact: true }).click();

  const heap = await heapOf(drawn);
  expect(heap, 'the snapshot shows what the page holds').toContain(marker);
  expect(secretsIn(heap, secrets), 'the page’s memory').toEqual([]);
  // The desktop’s window has a port instead of a socket: there the memory alone is looked at.
  if (window === 'loopback') expect(messages.join('\n'), 'the messages are seen').toContain('nightly');
  expect(secretsIn(messages.join('\n'), secrets), 'messages to the page').toEqual([]);

  const files = filesUnder(home);
  for (const name of ['catalog.db', 'windows.json'])
    expect(
      files.some((file) => file.endsWith(name)),
      name,
    ).toBe(true);
  for (const file of files) expect(secretsIn(readFileSync(file, 'latin1'), secrets), file).toEqual([]);

  for (const format of ['html', 'json', 'csv']) {
    const report = await drawbridge(`job report ${job} --format ${format}`);
    expect(report.length).toBeGreaterThan(10);
    expect(secretsIn(report, secrets), `the report as ${format}`).toEqual([]);
  }
  expect(secretsIn(argumentsOfAll(), secrets), 'arguments of processes').toEqual([]);
});

function secretsIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
}

/** Everything that the page’s scripts hold, after what they hold no more was collected. */
async function heapOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const pieces: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => pieces.push(chunk));
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return pieces.join('');
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Of every process on this computer, as anybody on it can read them; none where the system does not tell. */
function argumentsOfAll(): string {
  if (!statSync('/proc', { throwIfNoEntry: false })) return '';
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // It has ended meanwhile.
        return '';
      }
    })
    .join('\n');
}
