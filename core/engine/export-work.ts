import type { Writable } from 'node:stream';
import { refuseKept, type Kept } from '../catalog/copies/kept-files.ts';
import type { Catalog } from '../catalog/index.ts';
import { exportArchive } from '../jobs/export-archive.ts';
import { exportFile } from '../jobs/export-file.ts';
import { STANDARD_OUTPUT } from '../jobs/files/whole-file.ts';
import type { Input, JobWork } from './kind-of-work.ts';

/** What nothing may be written over. @throws AppError USAGE where this path would: before a job begins */
function keptBy(catalog: Catalog, path: string): Kept {
  const kept = { catalogDir: catalog.dir };
  refuseKept(path, kept);
  return kept;
}

/** Writes a snapshot as one of OpenGate's documents. @throws AppError NOT_FOUND, USAGE: before anything is begun */
export function exportToFile(
  catalog: Catalog,
  input: Input<'export-file'>,
  standardOutput: Writable | undefined,
): JobWork {
  const snapshot = catalog.snapshots.get(input.snapshot);
  const request = { ...input, kept: keptBy(catalog, input.path) };
  return {
    title: `Export snapshot ${snapshot.id} as ${input.format} document`,
    work: async (job) => {
      const { bytes, notes } = await exportFile(job, catalog.snapshots, snapshot, {
        ...request,
        stream: streamOf(input, standardOutput),
      });
      return { result: { kind: 'export-file', path: input.path, bytes, notes: [...notes] } };
    },
  };
}

function streamOf({ path }: { path: string }, standardOutput: Writable | undefined): Writable | undefined {
  return path === STANDARD_OUTPUT ? standardOutput : undefined;
}

/** Writes snapshots as an archive. @throws AppError NOT_FOUND, USAGE: before anything is begun */
export function exportToArchive(
  catalog: Catalog,
  input: Input<'export-archive'>,
  standardOutput: Writable | undefined,
): JobWork {
  const chosen = input.snapshots.map((name) => catalog.snapshots.get(name));
  const names = chosen.map(({ id }) => id);
  const request = { ...input, kept: keptBy(catalog, input.path) };
  return {
    title: `Export ${names.length === 1 ? `snapshot ${names[0]}` : `${names.length} snapshots`} as an archive`,
    work: async (job) => {
      const { bytes, snapshots, notes } = await exportArchive(job, catalog.snapshots, chosen, {
        ...request,
        stream: streamOf(input, standardOutput),
      });
      return {
        result: {
          kind: 'export-archive',
          path: input.path,
          bytes,
          snapshots: [...snapshots],
          encrypted: input.keys !== 'none',
          notes: [...notes],
        },
      };
    },
  };
}
