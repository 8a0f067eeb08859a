/** Prunes a catalog in a process of its own, which kills itself after so many transactions, as a power cut would; or prints how many there were. */
import { openCatalog } from '../../core/catalog/index.ts';
import { dieAfterCommits } from '../faults/die-after-commits.ts';
import { keys } from './line.ts';
import { pruneAsJob } from './pruned-catalog.ts';

const [dir, transactions, at] = process.argv.slice(2) as [string, string, string];

const doomed = dieAfterCommits();
const catalog = await openCatalog({ dir, keys, testing: { now: () => new Date(Number(at)) } });
doomed.left = Number(transactions);
const before = doomed.stored;
await pruneAsJob(catalog);
doomed.left = Infinity;
process.stdout.write(String(doomed.stored - before));
catalog.close();
