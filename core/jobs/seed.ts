import { isAppError } from '../../contract/errors.ts';
import type { ApplyResult } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Connector } from '../connectors/connector.ts';
import { applyStoredPlan, type ApplyEnd } from './apply.ts';
import { importFile } from './import-file.ts';
import { makePlan } from './make-plan.ts';
import type { JournalledContext } from './runner.ts';

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
  path: string,
): Promise<ApplyEnd> {
  const source = await importFile(job, catalog.snapshots, { path, tags: ['seed'] });
  const there: ApplyEnd = { result: existsResult(environment.name, source.realm) };
  if (source.realm !== '' && (await connector.realmExists(source.realm, job.signal))) return there;
  try {
    const plan = await makePlan(job, catalog, connector, { source, environment, policy: { realm: 'stop' } });
    return await applyStoredPlan(job, catalog, connector, plan, {});
  } catch (error) {
    // Another pipeline was quicker. TARGET_CHANGED is how an apply says that the realm has appeared since it was planned.
    const appeared =
      isAppError(error, 'REALM_EXISTS') ||
      isAppError(error, 'TARGET_CHANGED') ||
      isAppError(error, 'PLAN_BLOCKED');
    if (appeared && (await connector.realmExists(source.realm, job.signal)) && nothingWritten(error))
      return there;
    throw error;
  }
}

function nothingWritten(error: { details: Record<string, unknown> }): boolean {
  return (error.details['itemsDone'] ?? 0) === 0;
}

function existsResult(environment: string, realm: string): ApplyResult {
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
    todo: [],
  };
}
