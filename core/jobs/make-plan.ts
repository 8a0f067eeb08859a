import { AppError } from '../../contract/errors.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import { newId } from '../catalog/database/new-id.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { Connector } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import { REALM_NAME } from '../model/natural-key.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { DEFAULT_POLICY, type Policy } from '../planner/plan.ts';
import { captureRealm } from './capture.ts';
import { clientIdOwners } from './client-id-owners.ts';
import { derivePlan } from './derive-plan.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { toStored, type PlanDocument } from './plan-document.ts';

export interface PlanRequest {
  readonly source: SnapshotManifest;
  readonly environment: { readonly name: string; readonly stage: string };
  readonly policy: PolicyInput;
}

/**
 * Captures the target, compares it with the source under a policy, and stores what came of it as a plan.
 *
 * @throws AppError SAME_REALM, INVALID_NAME, USAGE (the source does not name a realm); what capturing throws
 */
export async function makePlan(
  job: JobContext,
  catalog: Catalog,
  connector: Connector,
  request: PlanRequest,
): Promise<StoredPlan<JsonObject>> {
  const { source, environment } = request;
  const policy: Policy = { ...DEFAULT_POLICY, ...request.policy };
  const realm = targetRealmName(source, policy);
  refuseSameRealm(source, environment.name, realm);
  const exists = await connector.realmExists(realm, job.signal);
  const target = exists
    ? await captureRealm(job, connector, catalog.snapshots, {
        environment: environment.name,
        realm,
        purpose: 'target',
      })
    : undefined;
  const owners = await clientIdOwners(job, catalog, connector, {
    source,
    environment: environment.name,
    realm,
  });
  const draft: Omit<PlanDocument, 'summary'> = {
    source: {
      snapshot: source.id,
      realm: source.realm,
      ...(source.environment !== undefined && { environment: source.environment }),
    },
    target: {
      environment: environment.name,
      stage: environment.stage,
      realm,
      exists,
      ...(target && { snapshot: target.id }),
    },
    policy,
    clientIdOwners: owners,
  };
  const derived = derivePlan(job, catalog, await connector.capabilities(job.signal), draft);
  const meter = new PhaseMeter(job, 'Planning', 'items');
  const summary = await derived.summarize((items) => meter.advance(items));
  return catalog.plans.save({
    id: newId(),
    createdAt: new Date().toISOString(),
    document: toStored({ ...draft, summary }),
  });
}

function targetRealmName(source: SnapshotManifest, policy: Policy): string {
  const name = policy.realmName ?? source.realm;
  if (name === '')
    throw new AppError('USAGE', 'The source does not say which realm it belongs to.', {
      notChanged: 'Nothing was planned.',
      remedy: 'Name the target realm: --realm-name <name>.',
    });
  if (!REALM_NAME.test(name))
    throw new AppError(
      'INVALID_NAME',
      `“${name}” cannot be a realm’s name: only a–z, 0–9 and “-” are allowed.`,
      {
        notChanged: 'Nothing was planned.',
        remedy: 'Give the realm another name on the target: --realm-name <name>.',
      },
    );
  return name;
}

/** A realm read live is the target itself; restoring an older snapshot of it is the very purpose of a backup. */
function refuseSameRealm(source: SnapshotManifest, environment: string, realm: string): void {
  if (source.purpose !== 'target' || source.environment !== environment || source.realm !== realm) return;
  throw new AppError('SAME_REALM', `The source and the target are the same realm: ${environment}/${realm}.`, {
    notChanged: 'Nothing was planned.',
    remedy:
      'Choose another environment, another realm name (--realm-name), or an older snapshot as the source.',
  });
}
