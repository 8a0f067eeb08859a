import { AppError } from '../../contract/errors.ts';
import type { jobInput } from '../../contract/job.ts';
import { leftOutUnasked } from '../../contract/left-out.ts';
import type { Environment } from '../catalog/environments/settings.ts';
import { backUpCatalog } from '../catalog/copies/back-up-catalog.ts';
import type { Catalog } from '../catalog/index.ts';
import { VariableExpander, type VariableLookup } from '../formats/document-variables.ts';
import { applyStoredPlan } from '../jobs/apply.ts';
import { backedUpBefore, backupRealms, type BackupRequest } from '../jobs/backup.ts';
import { compareSnapshots } from '../jobs/compare-snapshots.ts';
import { importArchive, isArchiveFile } from '../jobs/import-archive.ts';
import { importFile } from '../jobs/import-file.ts';
import { makePlan, type PlanRequest } from '../jobs/make-plan.ts';
import { pseudonymizeSnapshot } from '../jobs/pseudonymize.ts';
import { shownPlan } from '../jobs/plan-document.ts';
import { pruneSnapshots } from '../jobs/prune.ts';
import { watchRealm } from '../jobs/realm-watch.ts';
import type { JobEnd, JournalledContext } from '../jobs/runner.ts';
import { retryOf } from '../jobs/retry.ts';
import { rollbackOf, rollbackRequest } from '../jobs/rollback.ts';
import { begunSeeding, resumeSeeding, seedRealm, type SeedTarget } from '../jobs/seed.ts';
import { emptyTrash } from '../jobs/trash.ts';
import { verifyCatalog } from '../jobs/verify-catalog.ts';
import { withConnector, withNewConnector } from './connections.ts';
import { exportToArchive, exportToFile } from './export-work.ts';
import type { FileReading } from './file-reading.ts';
import type { Input, JobWork } from './kind-of-work.ts';
import { storedPlanView } from './plan-view.ts';
import type { JobHost } from './start-job.ts';
import { sourceSnapshot } from './source-snapshot.ts';
import { snapshotView } from './views.ts';
import type { z } from 'zod';

/**
 * What each kind of job does.
 *
 * @param surroundings.record keeps the items of a plan that is made to be looked at
 * @throws AppError what is wrong before anything is started
 */
export function jobWork(
  catalog: Catalog,
  input: z.output<typeof jobInput>,
  {
    variables,
    nameOfFile,
    record,
    standardOutput,
  }: Pick<JobHost, 'variables' | 'nameOfFile' | 'record' | 'standardOutput'>,
): JobWork {
  const readingOf = (asked: { readonly variables: boolean }): FileReading => ({
    variables: asked.variables ? variables : undefined,
    nameOfFile,
  });
  switch (input.kind) {
    case 'backup':
      return backup(catalog, input);
    case 'import-file':
      return {
        title: `Import ${nameOfFile(input.path) ?? input.path}`,
        work: (job) => importFromFile(job, catalog, input, readingOf(input)),
      };
    case 'export-file':
      return exportToFile(catalog, input, standardOutput);
    case 'export-archive':
      return exportToArchive(catalog, input, standardOutput);
    case 'pseudonymize':
      return pseudonymize(catalog, input, readingOf(input));
    case 'verify':
      return verify(catalog, input);
    case 'catalog-backup':
      return catalogBackup(catalog, input);
    case 'diff':
      return diff(catalog, input, readingOf(input));
    case 'plan':
      return plan(catalog, input, readingOf(input), record);
    case 'apply':
      return apply(catalog, input);
    case 'seed':
      return seed(catalog, input, variables);
    case 'rollback-plan':
      return rollbackPlan(catalog, input, record);
    case 'prune':
      return prune(catalog, input);
    case 'empty-trash':
      return {
        title: 'Empty the trash',
        work: async (job) => {
          const { freed, error } = await emptyTrash(job, catalog, input);
          return { result: { kind: 'empty-trash', freed }, ...(error && { error }) };
        },
      };
    case 'retry-plan':
      return retryPlan(catalog, input, record);
  }
}

function prune(catalog: Catalog, { kind: _kind, ...request }: Input<'prune'>): JobWork {
  const { environment = 'every environment', realm, tag } = request;
  const what = [
    realm === undefined ? environment : `${environment}/${realm}`,
    ...(tag === undefined ? [] : [`tag ${tag}`]),
  ];
  return {
    title: `Prune the snapshots of ${what.join(', ')}`,
    work: async (job) => {
      const { pruned, error } = await pruneSnapshots(job, catalog, request);
      return { result: { kind: 'prune', pruned }, ...(error && { error }) };
    },
  };
}

function backup(catalog: Catalog, input: Input<'backup'>): JobWork {
  const environment = catalog.environments.get(input.environment);
  const { name } = environment;
  return {
    title: `Back up ${input.realms?.join(', ') ?? 'every realm'} of ${name}`,
    work: (job) =>
      withConnector(catalog, name, async (connector) => {
        const { snapshots, withErrors } = await backupRealms(job, connector, catalog.snapshots, {
          ...input,
          environment: name,
          before: job.isResumed ? backedUpBefore(job, catalog) : new Map(),
          watchOf: (realm) => watchRealm(job.signal, catalog, connector, { environment: name, realm }),
          ...memoryOfJob(catalog, environment, job),
        });
        return { result: { kind: 'backup', snapshots: snapshots.map(snapshotView) }, withErrors };
      }),
  };
}

/**
 * What a backup that may need a call a record had read when it was broken off, for itself when it goes on. A backup that
 * is begun begins anew, and is the end of what others had read: it would be older than what is backed up by then. Nothing
 * where the databases are read, which takes minutes at most.
 */
function memoryOfJob(
  { captureMemories }: Catalog,
  { name, api, postgres, createdAt }: Environment,
  { job, isResumed }: Pick<JournalledContext, 'job' | 'isResumed'>,
): Pick<BackupRequest, 'memoryOf'> {
  if (!api || postgres) return {};
  const reader = JSON.stringify([job, createdAt, api.apiUrl, api.gatewayUrl ?? '']);
  return {
    memoryOf(realm) {
      if (!isResumed) captureMemories.forgetRealm({ environment: name, realm });
      return captureMemories.of({ environment: name, realm, reader });
    },
  };
}

function pseudonymize(catalog: Catalog, input: Input<'pseudonymize'>, reading: FileReading): JobWork {
  return {
    title: `Pseudonymise ${reading.nameOfFile(input.source) ?? input.source}`,
    work: async (job) => {
      const source = await sourceSnapshot(catalog, job, input.source, reading);
      const request = { ...input, catalogKey: catalog.pseudonymKey };
      const snapshot = await pseudonymizeSnapshot(job, catalog.snapshots, source, request);
      return { result: { kind: 'pseudonymize', snapshot: snapshotView(snapshot) } };
    },
  };
}

async function importFromFile(
  job: JournalledContext,
  catalog: Catalog,
  input: Input<'import-file'>,
  { variables, nameOfFile }: FileReading,
): Promise<JobEnd> {
  const name = nameOfFile(input.path);
  if (!(await isArchiveFile(input.path))) {
    const request = { ...input, name, variables: variables && new VariableExpander(variables) };
    const snapshot = snapshotView(await importFile(job, catalog.snapshots, request));
    return { result: { kind: 'import-file', snapshot, snapshots: [snapshot], alreadyThere: [] } };
  }
  const { stored, alreadyThere } = await importArchive(job, catalog.snapshots, { ...input, name });
  const snapshots = stored.map(snapshotView);
  return {
    result: {
      kind: 'import-file',
      // An archive holds a snapshot at least, and each is one or the other.
      snapshot: snapshots[0] ?? snapshotView(alreadyThere[0]!.snapshot),
      snapshots,
      alreadyThere: alreadyThere.map(({ archived, snapshot, trashed }) => ({
        archived,
        snapshot: snapshot.id,
        trashed,
      })),
    },
  };
}

function verify(catalog: Catalog, input: Input<'verify'>): JobWork {
  const snapshot = input.snapshot === undefined ? undefined : catalog.snapshots.get(input.snapshot).id;
  return {
    title: snapshot === undefined ? 'Verify the catalog' : `Verify snapshot ${snapshot}`,
    work: async (job) => {
      const report = await verifyCatalog(job, catalog, snapshot);
      const view = { ...report, damaged: report.damaged.map((damage) => ({ ...damage })) };
      if (report.damaged.length === 0) return { result: { kind: 'verify', report: view } };
      return {
        result: { kind: 'verify', report: view },
        error: new AppError(
          'CATALOG_DAMAGED',
          report.damaged.length === 1
            ? 'One part of the catalog is damaged.'
            : `${report.damaged.length} parts of the catalog are damaged.`,
          {
            notChanged: 'Verifying changes nothing.',
            remedy:
              'Take a new backup of the realms named: it stores anew what is damaged and has not changed since. Then verify again; what is still damaged can only come from a copy of the catalog. “drawbridge catalog repair” makes a new catalog of what is whole.',
          },
        ),
      };
    },
  };
}

function catalogBackup(catalog: Catalog, { path }: Input<'catalog-backup'>): JobWork {
  return {
    title: `Copy the catalog to ${path}`,
    work: async (job) => {
      const copy = await backUpCatalog(catalog, path, {
        job: job.job,
        signal: job.signal,
        onCopied: ({ bytes, of }) => job.progress({ phase: 'Copying', done: bytes, of, unit: 'bytes' }),
        onProved: ({ chunks, of }) => job.progress({ phase: 'Verifying', done: chunks, of, unit: 'chunks' }),
      });
      return { result: { kind: 'catalog-backup', ...copy } };
    },
  };
}

function diff(catalog: Catalog, input: Input<'diff'>, reading: FileReading): JobWork {
  const nameOf = (side: string): string => reading.nameOfFile(side) ?? side;
  return {
    title: `Compare ${nameOf(input.left)} with ${nameOf(input.right)}`,
    work: async (job) => {
      const left = await sourceSnapshot(catalog, job, input.left, reading);
      const right = await sourceSnapshot(catalog, job, input.right, reading);
      const comparison = await compareSnapshots(job, catalog.snapshots, { left, right }, input);
      return { result: { kind: 'diff', comparison } };
    },
  };
}

function plan(
  catalog: Catalog,
  input: Input<'plan'>,
  reading: FileReading,
  record: PlanRequest['record'],
): JobWork {
  const { name, stage } = catalog.environments.get(input.environment);
  return {
    title: `Plan ${reading.nameOfFile(input.source) ?? sourceTitle(catalog, input.source)} → ${name}`,
    work: async (job) => {
      const source = await sourceSnapshot(catalog, job, input.source, reading);
      return withConnector(catalog, name, async (connector) => {
        const stored = await makePlan(job, catalog, connector, {
          source,
          environment: { name, stage },
          policy: input.policy,
          record,
        });
        return { result: { kind: 'plan', plan: storedPlanView(stored) } };
      });
    },
  };
}

/** As it was named; of a stored snapshot also what it is of, for nobody knows ids by heart. */
function sourceTitle(catalog: Catalog, text: string): string {
  if (!/^[a-z0-9]+$/.test(text)) return text;
  try {
    const { id, environment, realm } = catalog.snapshots.get(text);
    return `snapshot ${id} of ${environment === undefined ? realm : `${environment}/${realm}`}`;
  } catch (error) {
    // That there is none, or two, or a damaged one is told by the job, which looks for it again.
    if (error instanceof AppError) return text;
    throw error;
  }
}

function apply(catalog: Catalog, input: Input<'apply'>): JobWork {
  const stored = catalog.plans.get(input.plan);
  const { source, target, undoes } = shownPlan(stored);
  const place = `${target.environment}/${target.realm}`;
  const from =
    source.environment === undefined ? source.realm || 'file' : `${source.environment}/${source.realm}`;
  return {
    title:
      undoes === undefined
        ? `Apply plan ${stored.id}: ${from} → ${place}`
        : `Undo job ${undoes} on ${place}, plan ${stored.id}`,
    target: { environment: target.environment, realm: target.realm },
    work: (job) =>
      withConnector(catalog, target.environment, async (connector) => {
        const { result, error } = await applyStoredPlan(job, catalog, connector, stored, input);
        return {
          result: { kind: 'apply', result },
          withErrors: result.status === 'succeeded_with_errors',
          ...(error && { error }),
        };
      }),
  };
}

function seed(catalog: Catalog, input: Input<'seed'>, variables: VariableLookup): JobWork {
  const { name, stage } = catalog.environments.get(input.environment);
  const target: SeedTarget = {
    environment: { name, stage },
    connected: (work) => withConnector(catalog, name, work),
    newlyConnected: (work) => withNewConnector(catalog, name, work),
  };
  return {
    title: `Seed ${name} from ${input.path}`,
    work: async (job) => {
      const begun = job.isResumed ? begunSeeding(catalog, job.job) : undefined;
      const { result, error } = begun
        ? await target.connected(
            async (connector) => await resumeSeeding(job, catalog, connector, begun, input),
          )
        : await seedRealm(job, catalog, target, input, variables);
      return {
        result: { kind: 'seed', result },
        withErrors: result.status === 'succeeded_with_errors' || leftOutUnasked(result) > 0,
        ...(error && { error }),
      };
    },
  };
}

function rollbackPlan(
  catalog: Catalog,
  input: Input<'rollback-plan'>,
  record: PlanRequest['record'],
): JobWork {
  const rollback = rollbackOf(catalog, input.job);
  const { job: undone, target, safetySnapshot } = rollback;
  const { name, stage } = catalog.environments.get(target.environment);
  return {
    title: `Plan to undo job ${undone} on ${name}/${target.realm}`,
    work: (job) =>
      withConnector(catalog, name, async (connector) => {
        const stored = await makePlan(job, catalog, connector, {
          source: catalog.snapshots.get(rollback.source),
          environment: { name, stage },
          realm: target.realm,
          ...rollbackRequest(rollback, await connector.capabilities(job.signal)),
          undoes: undone,
          record,
        });
        return {
          result: { kind: 'rollback-plan', plan: storedPlanView(stored), job: undone, safetySnapshot },
        };
      }),
  };
}

function retryPlan(catalog: Catalog, input: Input<'retry-plan'>, record: PlanRequest['record']): JobWork {
  const { job: retried, source, target, policy, undoes } = retryOf(catalog, input.job);
  const { name, stage } = catalog.environments.get(target.environment);
  return {
    title: `Plan to try again what failed in job ${retried} on ${name}/${target.realm}`,
    work: (job) =>
      withConnector(catalog, name, async (connector) => {
        const stored = await makePlan(job, catalog, connector, {
          source: catalog.snapshots.get(source),
          environment: { name, stage },
          realm: target.realm,
          policy,
          ...(undoes !== undefined && { undoes }),
          record,
        });
        return { result: { kind: 'retry-plan', plan: storedPlanView(stored), job: retried } };
      }),
  };
}
