import type { SnapshotStore, SnapshotWriter } from '../../catalog/snapshot-store.ts';
import { openCatalog } from '../../catalog/index.ts';
import { CHEAP_SCRYPT, PASSPHRASE } from '../../catalog/test-catalog.ts';
import { importArchive } from '../import-archive.ts';

/**
 * Imports an archive in a process of its own, and kills itself at the given point: each time that something is read, added
 * to a snapshot, or made visible, before and after. `node import-process.ts <catalog> <archive> <n>` prints how many
 * points there were, if it came to the end.
 */
const [dir = '', path = '', fatal = ''] = process.argv.slice(2);
let points = 0;

function point(): void {
  points++;
  if (points === Number(fatal)) process.kill(process.pid, 'SIGKILL');
}

function watched(snapshots: SnapshotStore): SnapshotStore {
  const begin: SnapshotStore['begin'] = (about) => {
    const writer = snapshots.begin(about);
    const watchedWriter: SnapshotWriter = {
      add: (section, records) => writer.add(section, records),
      async addOrdered(section, records) {
        point();
        await writer.addOrdered(section, records);
      },
      async commit(facts, signal) {
        point();
        const manifest = await writer.commit(facts, signal);
        point();
        return manifest;
      },
      abort: () => writer.abort(),
    };
    return watchedWriter;
  };
  return { ...snapshots, begin };
}

const job = { signal: new AbortController().signal, progress: point };
const keys = { passphrase: () => Promise.resolve(PASSPHRASE) };
const catalog = await openCatalog({ dir, keys, create: true, testing: { scrypt: CHEAP_SCRYPT } });
await importArchive(job, watched(catalog.snapshots), { path });
catalog.close();
process.stdout.write(String(points));
