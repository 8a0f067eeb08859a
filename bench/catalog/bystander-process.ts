/**
 * Another process on the same catalog, which reads and writes a little, all the time, until its input ends; then prints as
 * JSON how long each took: `node bystander-process.ts <folder> <snapshot>`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openScratch } from './year-of-backups.ts';

const [dir = '', snapshot = ''] = process.argv.slice(2);
const catalog = await openScratch(dir);
const over = new AbortController();
process.stdin.on('end', () => over.abort()).resume();
const reads: number[] = [];
const writes: number[] = [];
process.stdout.write('ready\n');
while (!over.signal.aborted) {
  reads.push(timed(() => catalog.snapshots.list()));
  writes.push(timed(() => catalog.snapshots.setTags(snapshot, { add: ['seen'] })));
  await sleep(10);
}
catalog.close();
process.stdout.write(JSON.stringify({ reads, writes }));

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
