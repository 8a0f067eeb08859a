import type { contract } from '../../contract/contract.ts';
import type { JobInput } from '../../contract/job.ts';
import { toWire } from '../../contract/wire.ts';
import { notWritable } from '../catalog/database/file-errors.ts';

type Contract = typeof contract;
type Name = { [Room in keyof Contract]: `${Room}.${keyof Contract[Room] & string}` }[keyof Contract];

/** What can be asked of a catalog that cannot be written, by the contract's names. What is not here changes something. */
export const READING: ReadonlySet<string> = new Set([
  'catalog.stats',
  'catalog.settings',
  'catalog.show',
  'environments.list',
  'environments.probe',
  'environments.realms',
  'environments.tryOut',
  'environments.tryOutSteps',
  'snapshots.list',
  'snapshots.get',
  'snapshots.latest',
  'snapshots.record',
  'snapshots.search',
  'snapshots.searchStream',
  'snapshots.records',
  'snapshots.differences',
  'snapshots.neighbours',
  'snapshots.trashed',
  'snapshots.previewPrune',
  'snapshots.previewEmptyTrash',
  'plans.list',
  'plans.get',
  'plans.items',
  'jobs.start',
  'jobs.watch',
  'jobs.cancel',
  'jobs.list',
  'jobs.halfWritten',
  'jobs.get',
  'jobs.report',
  'jobs.failures',
  'jobs.steps',
  'jobs.items',
  'jobs.reportText',
  'jobs.secrets',
  'jobs.refusalText',
  'jobs.saveReport',
  'schedules.list',
  'schedules.get',
  'schedules.explain',
  'schedules.upcoming',
  'schedules.failures',
] satisfies Name[]);

/** Jobs whose worth is what they tell or write elsewhere, not what they leave in the catalog. */
const READING_JOBS: ReadonlySet<unknown> = new Set([
  'verify',
  'diff',
  'export-file',
  'export-archive',
  'catalog-backup',
] satisfies JobInput['kind'][]);

interface Call {
  readonly path: readonly string[];
  readonly input: unknown;
}

/** Lets pass what only reads; for a catalog that is a copy of one that cannot be written. */
export function onlyReading(dir: string): <T>(call: Call & { readonly next: () => T }) => T {
  return ({ path, input, next }) => {
    const name = path.join('.');
    const kind = name === 'jobs.start' ? (input as { kind?: unknown } | undefined)?.kind : undefined;
    if (READING.has(name) && (kind === undefined || READING_JOBS.has(kind))) return next();
    throw toWire(notWritable(dir));
  };
}
