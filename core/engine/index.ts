import type { Writable } from 'node:stream';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import type { contract } from '../../contract/contract.ts';
import {
  openCatalog,
  openMemoryCatalog,
  type Catalog,
  type KeySource,
  type OpenCatalogOptions,
} from '../catalog/index.ts';
import type { NameOfFile } from './file-reading.ts';
import { implementer } from './implementer.ts';
import { EntryLists } from './pages/entry-lists.ts';
import { PlanPages } from './pages/plan-pages.ts';
import { JobDesk } from './job-desk.ts';
import { catalogProcedures } from './procedures/catalog.ts';
import { catalogKeyProcedures } from './procedures/catalog-keys.ts';
import { environmentProcedures } from './procedures/environments.ts';
import { jobProcedures } from './procedures/jobs.ts';
import { planProcedures } from './procedures/plans.ts';
import { scheduleProcedures } from './procedures/schedules.ts';
import { snapshotProcedures } from './procedures/snapshots.ts';
import { onlyReading } from './only-reading.ts';
import { ScheduleDesk } from './schedule-desk.ts';
import { runToTheEnd } from './start-job.ts';

export type { KeyQuestion, KeySource } from '../catalog/index.ts';
export { openMaintenance, type MaintenanceClient } from './maintenance.ts';
export { systemKeychain } from '../catalog/vault/keychain.ts';
export { isAlive } from '../catalog/copies/is-alive.ts';
export { refuseKept, type Kept } from '../catalog/copies/kept-files.ts';
export { OutputFile } from '../jobs/files/output-file.ts';
export { saveText } from '../jobs/files/save-file.ts';
export { makeTemporaryFolder } from '../catalog/copies/temporary-folder.ts';

interface EngineSurroundings {
  /** What `${…}` in a file stands for, where that is asked for; default: the environment variables of this process. */
  readonly variables?: (name: string) => string | undefined;
  /** Where an export to `-` goes; undefined: into a file of that name. */
  readonly standardOutput?: Writable;
  /** What a file is called, where its path does not tell: of a copy that a window has handed over. */
  readonly nameOfFile?: NameOfFile | undefined;
}

export interface EngineOptions extends EngineSurroundings {
  /** The catalog's folder. */
  readonly catalogDir: string;
  readonly keys: KeySource;
  /** What the catalog's key may be put into, where that is not to open it now; default: that of `keys`. */
  readonly keychain?: KeySource['keychain'];
  /** Create the catalog if there is none. */
  readonly createCatalog?: boolean;
  /** Never set outside tests. */
  readonly testing?: OpenCatalogOptions['testing'];
}

export type EngineClient = ContractRouterClient<typeof contract>;

export interface Engine {
  readonly client: EngineClient;
  /** What whoever works with it must know, as a sentence: that nothing of it is kept, or that there was no catalog before. */
  readonly notice?: string;
  /** Ids of the jobs that run in this engine; those of other processes are not among them. */
  runningJobs(): readonly string[];
  /** Cancels the jobs that run here and waits until each end is journalled; none can be started afterwards. */
  cancelJobs(): Promise<void>;
  /** Cancels the jobs that run here, waits until each end is journalled, and closes the catalog. */
  close(): Promise<void>;
}

/**
 * The engine, over one catalog. Hosts (command line, desktop, loopback mode) talk to it through the contract alone.
 *
 * @throws AppError what opening the catalog throws
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { catalogDir, keys, keychain, createCatalog = false, testing } = options;
  const catalog = await openCatalog({
    dir: catalogDir,
    keys,
    keychain,
    create: createCatalog,
    ...(testing && { testing }),
  });
  return engineOver(catalog, options);
}

/** The engine over a catalog of its own in memory, which knows nothing yet and is forgotten when it is closed. */
export function openMemoryEngine(surroundings: EngineSurroundings = {}): Engine {
  return engineOver(openMemoryCatalog(), surroundings);
}

function engineOver(
  catalog: Catalog,
  {
    variables = (name) => process.env[name],
    standardOutput,
    nameOfFile = () => undefined,
  }: EngineSurroundings,
): Engine {
  const desk = new JobDesk(catalog);
  const scheduleDesk = new ScheduleDesk({
    catalog,
    runJob: (input, signal, started) =>
      runToTheEnd({ catalog, desk, variables, nameOfFile }, input, signal, started),
  });
  const lists = new EntryLists(catalog.stagingDir);
  const planPages = new PlanPages(catalog, lists);
  const router = implementer.router({
    catalog: { ...catalogProcedures(catalog), ...catalogKeyProcedures(catalog) },
    environments: environmentProcedures(catalog),
    snapshots: snapshotProcedures(catalog, lists),
    plans: planProcedures(catalog, planPages),
    jobs: jobProcedures({
      catalog,
      desk,
      variables,
      nameOfFile,
      standardOutput,
      record: () => planPages.recording(),
    }),
    schedules: scheduleProcedures(catalog, scheduleDesk),
  });
  const notice = noticeOf(catalog);
  return {
    client: createRouterClient(router, catalog.readOnly ? { interceptors: [onlyReading(catalog.dir)] } : {}),
    ...(notice !== undefined && { notice }),
    runningJobs: () => desk.runningJobs,
    cancelJobs: () => desk.close(),
    async close() {
      await desk.close();
      await lists.close();
      catalog.close();
    },
  };
}

function noticeOf({ dir, isNew, readOnly }: Catalog): string | undefined {
  if (readOnly)
    return `The catalog in “${dir}” cannot be written: a copy of it is read, and nothing is stored.`;
  return isNew ? `There was no catalog in “${dir}”: a new one was made.` : undefined;
}
