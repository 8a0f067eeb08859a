import type { JobProgress, JobView } from '../../../contract/job.ts';
import { isUnderWay } from './use-job.ts';
import { bytes, count, counted, duration } from '../../design/moments.ts';

/** What kind of work a job does, as people call it. */
const KINDS: Readonly<Record<string, string>> = {
  backup: 'Backup',
  'import-file': 'Import of a file',
  'export-file': 'Export',
  'export-archive': 'Archive',
  pseudonymize: 'Pseudonymised copy',
  verify: 'Verification',
  'catalog-backup': 'Copy of the catalog',
  diff: 'Comparison',
  plan: 'Preview',
  apply: 'Apply',
  seed: 'Seeding',
  'rollback-plan': 'Preview of an undo',
  'retry-plan': 'Preview of a retry',
  prune: 'Pruning',
  'empty-trash': 'Emptying the trash',
};

export function kindText(kind: string): string {
  return KINDS[kind] ?? kind;
}

/**
 * How long a job took, or has taken so far; empty where nobody knows when it ended, and where the clock was set back
 * meanwhile.
 */
export function tookText(
  { state, startedAt, finishedAt }: Pick<JobView, 'state' | 'startedAt' | 'finishedAt'>,
  now = Date.now(),
): string {
  if (startedAt === undefined || (finishedAt === undefined && !isUnderWay({ state }))) return '';
  const took = (finishedAt === undefined ? now : Date.parse(finishedAt)) - Date.parse(startedAt);
  if (took < 0) return '';
  return took < 1000 ? 'under 1 s' : duration(took / 1000);
}

/** "1 record", "12 of 1,145 users", "3.2 MB of 10 MB". */
export function comeSoFar({ done, of, unit }: Pick<JobProgress, 'done' | 'of' | 'unit'>): string {
  if (unit === 'bytes') return of === undefined ? bytes(done) : `${bytes(done)} of ${bytes(of)}`;
  const all = counted(of ?? done, unit.slice(0, -1), unit);
  return of === undefined ? all : `${count(done)} of ${all}`;
}
