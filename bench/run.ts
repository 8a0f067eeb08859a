/**
 * Every measurement, one after the other, each in a process of its own; prints their tables.
 *
 *   npm run bench [-- --users 1000000]
 */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { users: { type: 'string', default: '1000000' } } });

const MEASUREMENTS: readonly (readonly [title: string, script: string, users?: string])[] = [
  ['The documented export over HTTP into the catalog', 'capture/export-over-http.ts'],
  ['Reading release v1.1.0 resource by resource', 'released/capture.ts'],
  ['Reading an export document', 'formats/reader.ts'],
  ['How the catalog grows', 'catalog/growth.ts'],
  ['Finding and proving', 'catalog/query.ts'],
  // Of a realm of its own size, for which it is promised: 365 backups take a while.
  ['A year of backups, and pruning it', 'catalog/retention.ts', '100000'],
  ['Comparing and planning', 'diff.ts'],
  ['What windows wait for', 'windows.ts'],
  ['Scrolling and searching in a window', 'windows-scroll.ts'],
  ['Backing up over PostgreSQL', 'postgres/capture.ts'],
  ['Importing over PostgreSQL', 'postgres/import.ts'],
];

const [processor] = cpus();
process.stdout.write(
  `${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
);
let failed = false;
for (const [title, script, users = values.users] of MEASUREMENTS) {
  process.stdout.write(`\n## ${title}\n\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, script), '--users', users], {
    stdio: 'inherit',
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
