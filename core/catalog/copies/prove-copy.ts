import { AppError } from '../../../contract/errors.ts';
import type { Catalog } from '../catalog.ts';
import type { VerifyReport } from '../snapshot-store.ts';

export interface ProofOptions {
  readonly signal?: AbortSignal;
  readonly onProved?: (done: { chunks: number; of: number }) => void;
  /** A job that is not to be in the copy. */
  readonly without?: string;
}

/**
 * Makes a copy of a catalog one in which nobody works, and proves every byte of it.
 *
 * @throws AppError CATALOG_DAMAGED with what is damaged; DISK_FULL, FILE_FAILED, CANCELED
 */
export async function proveCopy(
  catalog: Catalog,
  file: string,
  { signal, onProved, without }: ProofOptions,
): Promise<VerifyReport> {
  const copy = catalog.openCopy(file);
  try {
    copy.leases.clear();
    if (without !== undefined) copy.jobs.remove(without);
    copy.jobs.markInterrupted();
    const report = await copy.verify({
      ...(signal && { signal }),
      ...(onProved && { onProgress: onProved }),
    });
    if (report.damaged.length > 0) throw damagedCopy(report);
    return report;
  } finally {
    copy.close();
  }
}

function damagedCopy({ damaged }: VerifyReport): AppError {
  const [first] = damaged;
  const others = damaged.length === 1 ? '' : ` and ${damaged.length - 1} more`;
  return new AppError(
    'CATALOG_DAMAGED',
    `The catalog, or its copy, is damaged: ${first!.text.replace(/\.$/, '')}${others}.`,
    {
      notChanged: 'The catalog was not changed; the copy was removed.',
      remedy:
        'Run “drawbridge catalog verify”. If the catalog is damaged, “drawbridge catalog repair” saves what is whole; if it is not, the disk of the copy is bad.',
      details: { damaged: damaged.slice(0, 20) },
    },
  );
}
