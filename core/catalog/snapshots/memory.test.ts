import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

async function peakMegabytes(users: number): Promise<number> {
  const process_ = join(import.meta.dirname, 'testing', 'capture-process.ts');
  // A small young generation: else the runtime grows it first, and that is what would be measured.
  const { stdout } = await run(process.execPath, ['--max-semi-space-size=4', process_, String(users)]);
  return Number(stdout);
}

test('memory does not grow with the number of users', async () => {
  const some = await peakMegabytes(100_000);
  const many = await peakMegabytes(400_000);
  expect(some).toBeLessThan(250);
  // 73 MB of lines more, and some 40 MB of what goes with them; each time that memory is full adds 400 KB to the merge.
  expect(many - some).toBeLessThan(60);
});
