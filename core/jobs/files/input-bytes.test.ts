import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { TestCatalogs } from '../../catalog/test-catalog.ts';
import { importFile } from '../import-file.ts';
import { inputBytes } from './input-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'drawbridge-input-'));
const catalogs = new TestCatalogs();
afterAll(() => {
  catalogs.clear();
  rmSync(folder, { recursive: true });
});

async function all(path: string, signal = new AbortController().signal): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of inputBytes(path, signal)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

let pipes = 0;
function namedPipe(): string {
  const path = join(folder, `pipe-${++pipes}`);
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  return path;
}

it('reads a file, and says what cannot be read', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'x'.repeat(700_000));
  expect(await all(path)).toHaveLength(700_000);
  await expect(all(join(folder, 'none'))).rejects.toThrow('there is no such file or folder');
  await expect(all(folder)).rejects.toThrow('it is a folder');
});

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  it('is waited for, and read to its end', async () => {
    const path = namedPipe();
    const reading = all(path);
    spawn('sh', ['-c', 'sleep 0.2; yes | head -c 700000 > "$0"', path]);
    expect(await reading).toHaveLength(700_000);
  });

  it('is given up when that is asked for: before anybody writes to it, and while nobody goes on', async () => {
    const canceled = new AppError('CANCELED', 'Canceled on request.');
    for (const writer of ['sleep 5', 'printf x; sleep 5']) {
      const path = namedPipe();
      const writing = spawn('sh', ['-c', `exec > "$0"; ${writer}`, path]);
      const controller = new AbortController();
      const reading = all(path, controller.signal);
      setTimeout(() => controller.abort(canceled), 300);
      await expect(reading).rejects.toMatchObject({ code: 'CANCELED' });
      writing.kill();
    }
    const controller = new AbortController();
    const reading = all(namedPipe(), controller.signal);
    setTimeout(() => controller.abort(canceled), 100);
    await expect(reading).rejects.toMatchObject({ code: 'CANCELED' });
  });

  it('gives what it has but once: what is wrong with it is told without a second reading', async () => {
    const path = namedPipe();
    const { snapshots } = await catalogs.open();
    const job = { signal: new AbortController().signal, progress: () => undefined };
    const importing = importFile(job, snapshots, { path });
    spawn('sh', ['-c', 'printf %s "$1" > "$0"', path, '{"roles":[{"name":"a"},{"name":"a"}]}']);
    await expect(importing).rejects.toMatchObject({ code: 'DUPLICATE_KEY' });
  });

  it('what is neither a file nor a pipe is refused', async () => {
    await expect(all('/dev/zero')).rejects.toThrow('neither a file nor a pipe');
  });
});
