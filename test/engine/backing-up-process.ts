/**
 * Backs up in a process of its own, again and again, a realm of which users change and change back, so that what was just
 * deleted comes again: `node backing-up-process.ts <folder> <realm> <times>`. Prints how each backup ended, as JSON.
 */
import { openCatalog } from '../../core/catalog/index.ts';
import { capture, DEV, user, users } from '../../core/catalog/snapshots/testing/scratch-store.ts';
import { startJob } from '../../core/jobs/runner.ts';
import { keys } from './line.ts';

const [dir = '', realm = '', times = ''] = process.argv.slice(2);

const catalog = await openCatalog({ dir, keys });
const ends: string[] = [];
for (let time = 0; time < Number(times); time++) {
  const records = users(1_500).map((record, i) => (i % 4 === time % 4 ? user(i, 1 + (time % 2)) : record));
  const started = startJob(catalog.jobs, { kind: 'backup', title: realm, params: {} }, async () => {
    await capture(catalog.snapshots, { users: records }, { ...DEV, realm });
    return { result: { kind: 'backup', snapshots: [] } };
  });
  const { state, error } = await started.ended;
  ends.push(error ? `${state}: ${error.message}` : state);
  await new Promise((resolve) => setTimeout(resolve, 40));
}
catalog.close();
process.stdout.write(JSON.stringify(ends));
