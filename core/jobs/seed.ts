import { AppError, isAppError, throwIfAborted } from '../../contract/errors.ts';
import type { ApplyResult } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Connector } from '../connectors/connector.ts';
import { REALM_NAME } from '../model/natural-key.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { applyStoredPlan } from './apply.ts';
import type { ApplyEnd } from './apply-outcome.ts';
import { importFile } from './import-file.ts';
import { makePlan } from './make-plan.ts';
import { shownPlan } from './plan-document.ts';
import type { JournalledContext } from './runner.ts';

interface Seeding {
  readonly catalog: Catalog;
  readonly connector: Connector;
  readonly environment: { readonly name: string; readonly stage: string };
  readonly source: SnapshotManifest;
}

/** How long another process may take that seeds the same realm from the same catalog. */
const ATTEMPTS = 120;
const BETWEEN_ATTEMPTS = 500;

/**
 * Creates the realm of a seed file unless it exists, and leaves it alone if it does: what OpenGate's Import/Export page
 * ("Seeding a Realm") promises of its script. Two pipelines at once are both successful: one creates, one finds it there.
 *
 * @throws AppError what importing the file, planning and applying throw
 */
export async function seedRealm(
  job: JournalledContext,
  catalog: Catalog,
  connector: Connector,
  environment: { readonly name: string; readonly stage: string },
  { path, issuedClients }: Pick<PolicyInput, 'issuedClients'> & { readonly path: string },
): Promise<ApplyEnd> {
  const policy: PolicyInput = issuedClients === undefined ? {} : { issuedClients };
  const source = await importFile(job, catalog.snapshots, { path, tags: ['seed'] });
  requireRealm(source.realm);
  const seeding = { catalog, connector, environment, source };
  for (let attempt = 1; ; attempt++) {
    if (await connector.realmExists(source.realm, job.signal)) return foundThere(job, seeding);
    try {
      const plan = await makePlan(job, catalog, connector, { source, environment, policy });
      return await applyStoredPlan(job, catalog, connector, plan, {});
    } catch (error) {
      throwIfAborted(job.signal);
      if (attempt === ATTEMPTS || !isAppError(error) || !nothingWritten(error)) throw error;
      if (error.code === 'CATALOG_LOCKED')
        await new Promise((resolve) => setTimeout(resolve, BETWEEN_ATTEMPTS));
      else if (!(await appeared(connector, source.realm, error, job.signal))) throw error;
    }
  }
}

function requireRealm(name: string): void {
  if (REALM_NAME.test(name)) return;
  const message =
    name === ''
      ? 'The seed file has no realm.'
      : `The seed file’s realm has the name “${name}”, which cannot be one.`;
  throw new AppError(name === '' ? 'INVALID_DOCUMENT' : 'INVALID_NAME', message, {
    notChanged: 'Nothing was created.',
    remedy: 'A seed file needs "realm": {"id": "<name>", …}, the name of a–z, 0–9 and “-” only.',
  });
}

function nothingWritten(error: AppError): boolean {
  return (error.details['itemsDone'] ?? 0) === 0;
}

/** Whether another pipeline created the realm between our look and our write; a plan is blocked for other reasons too. */
async function appeared(
  connector: Connector,
  realm: string,
  error: AppError,
  signal: AbortSignal,
): Promise<boolean> {
  const says = ['REALM_EXISTS', 'TARGET_CHANGED', 'PLAN_BLOCKED'].includes(error.code);
  return says && (await connector.realmExists(realm, signal));
}

/**
 * Left alone, but looked at: a realm that lacks what the seed has may be the remains of a seeding that broke off, and
 * "it is there already" alone would hide that.
 */
async function foundThere(
  job: JournalledContext,
  { catalog, connector, environment, source }: Seeding,
): Promise<ApplyEnd> {
  const plan = await makePlan(job, catalog, connector, {
    source,
    environment,
    policy: { realm: 'merge', users: 'merge', clients: 'skip', unsupported: 'skip', conflicts: 'skip' },
  });
  const lacking = Object.entries(shownPlan(plan).summary.sections).flatMap(([section, counts]) =>
    counts.create > 0 ? [`${counts.create} ${section}`] : [],
  );
  const todo =
    lacking.length === 0
      ? []
      : [
          `The realm was left alone, yet it lacks some of what the seed has: ${lacking.join(', ')}. To add them: drawbridge apply ${plan.id}.`,
        ];
  return { result: existsResult(environment.name, source.realm, todo) };
}

function existsResult(environment: string, realm: string, todo: string[]): ApplyResult {
  return {
    status: 'exists',
    environment,
    realm,
    verified: true,
    counts: { create: 0, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 0, retries: 0 },
    failures: 0,
    deviations: [],
    deviationCount: 0,
    safetySnapshot: null,
    verificationSnapshot: null,
    todo,
  };
}
