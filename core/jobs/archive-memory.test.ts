import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

async function peakMegabytes(users: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
  const process_ = join(import.meta.dirname, 'testing', 'archive-process.ts');
  try {
    const { stdout } = await run(process.execPath, [
      '--max-semi-space-size=4',
      // How much garbage V8 lets pile up before it looks is not what is measured.
      '--heap-growing-percent=50',
      process_,
      folder,
      String(users),
    ]);
    return Number(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an archive is written and read in memory that does not grow with the number of users', async () => {
  const some = await peakMegabytes(50_000);
  const many = await peakMegabytes(250_000);
  console.log(`peak: ${some} MB with 50,000 users, ${many} MB with 250,000`);
  expect(many - some).toBeLessThan(60);
});
