/**
 * Imports an archive as a job, in a process of its own, which kills itself after so many transactions, as a power cut would:
 * `node archive-import-process.ts <catalog> <archive> <n>` prints how many there were if it came to its end.
 */
import { openCatalog } from '../../core/catalog/index.ts';
import type { JobStore } from '../../core/catalog/jobs/job-store.ts';
import { PASSPHRASE } from '../../core/catalog/test-catalog.ts';
import { importAsJob } from './archive-import.ts';
import { dieAfterCommits } from './die-after-commits.ts';

const [dir = '', path = '', transactions = ''] = process.argv.slice(2);

const doomed = dieAfterCommits();
const catalog = await openCatalog({ dir, keys: { passphrase: async () => PASSPHRASE } });
/** Without heartbeats, which come with the clock: the same transactions each time. */
const jobs: JobStore = {
  ...catalog.jobs,
  acquire: (id) => ({ ...catalog.jobs.acquire(id), heartbeat: () => ({ cancelRequested: false }) }),
};
doomed.left = Number(transactions);
const before = doomed.stored;
await importAsJob({ ...catalog, jobs }, path);
doomed.left = Infinity;
process.stdout.write(String(doomed.stored - before));
catalog.close();
