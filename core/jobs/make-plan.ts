import { AppError } from '../../contract/errors.ts';
import { listed } from '../../contract/numbers.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import { sourceFinding } from '../../contract/source-findings.ts';
import { newId } from '../catalog/database/new-id.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { Connector } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import { REALM_NAME } from '../model/natural-key.ts';
import type { Pseudonymized, SnapshotManifest } from '../model/snapshot.ts';
import { chosenByHand, unmatched } from '../planner/exclusions.ts';
import { DEFAULT_POLICY, type PlanEntry, type PlanSummary, type Policy } from '../planner/plan.ts';
import { captureLeftovers, captureRealm, type CaptureRequest } from './capture.ts';
import { derivePlan, type DerivedPlan } from './derive-plan.ts';
import { goneUsersSince } from './gone-users.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { issuedAs, issuedBefore } from './issued-clients.ts';
import { clientIdOwners, socialLinkOwners, takenIds } from './lookups.ts';
import { PLAN_VERSION, toStored, type PlanDraft } from './plan-document.ts';
import { sameKeys } from './same-keys.ts';
import { requireSettled } from './settle.ts';

export interface PlanRequest {
  readonly source: SnapshotManifest;
  readonly environment: { readonly name: string; readonly stage: string };
  readonly policy: PolicyInput;
  /** The realm on the target; undefined: as the policy or the source has it. */
  readonly realm?: string;
  /** Whether the policy will do, now that the target is known, and what it comes to; else another is taken. */
  readonly otherwise?: {
    readonly policy: PolicyInput;
    suits(sides: DerivedPlan['sides'], signal: AbortSignal): Promise<boolean>;
  };
  /** The job that the plan is to undo. */
  readonly undoes?: string;
  /** To stand in the preview besides the plan's own. */
  readonly warnings?: readonly string[];
  /** Keeps what is planned for whoever looks at it, who would have to derive it again. */
  readonly record?: (() => PlanRecording) | undefined;
}

/** What sees the entries of a plan while it is made. */
export interface PlanRecording {
  add(entries: readonly PlanEntry[]): Promise<void>;
  /** All were seen, and this is what the plan is called. */
  keep(plan: string): Promise<void>;
  /** It became no plan. */
  discard(): Promise<void>;
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
  const { record } = request;
  const begun = new Set<PlanRecording>();
  const recorded: PlanRequest['record'] =
    record &&
    (() => {
      const recording = record();
      begun.add(recording);
      return recording;
    });
  try {
    const { stored, recording } = await planned(job, catalog, connector, { ...request, record: recorded });
    if (recording) {
      begun.delete(recording);
      await recording.keep(stored.id);
    }
    return stored;
  } finally {
    // Of what was not taken, or became no plan after all.
    for (const recording of begun) await recording.discard();
  }
}

interface Planned {
  readonly stored: StoredPlan<JsonObject>;
  readonly recording: PlanRecording | undefined;
}

async function planned(
  job: JobContext,
  catalog: Catalog,
  connector: Connector,
  request: PlanRequest,
): Promise<Planned> {
  const { source, environment } = request;
  const policy: Policy = { ...DEFAULT_POLICY, ...request.policy };
  const realm = request.realm ?? targetRealmName(source, policy);
  // A realm that is to be removed needs no other as its source.
  if (policy.realm !== 'remove') refuseSameRealm(source, environment.name, realm);
  await requireSettled(job, catalog, connector, { environment: environment.name, realm }, request.undoes);
  const route = await connector.capabilities(job.signal);
  const { exists, snapshot } = await captureTarget(job, catalog, connector, { route, environment, realm });
  const unlooked: PlanDraft = {
    version: PLAN_VERSION,
    source: {
      snapshot: source.id,
      realm: source.realm,
      ...(source.environment !== undefined && { environment: source.environment }),
      ...(source.pseudonymized && { pseudonymized: originOfCopy(source.pseudonymized) }),
    },
    target: {
      environment: environment.name,
      stage: environment.stage,
      realm,
      exists,
      ...(snapshot && { snapshot: snapshot.id }),
    },
    policy,
    route,
    clientIdOwners: {},
    socialLinkOwners: {},
    ...(request.undoes !== undefined && { undoes: request.undoes }),
  };
  const { draft, summary, recording } = await suitable(job, catalog, connector, unlooked, request);
  const doubts = doubtsOf(draft, source, snapshot);
  const strangers = overRealPeople(draft, source);
  const gone =
    request.undoes === undefined
      ? undefined
      : await goneUsersSince(catalog, connector, draft, request.undoes, job.signal);
  const goneUsersIn = gone?.goneUsersIn;
  const warnings = [
    ...(request.warnings ?? []),
    ...strangers,
    ...doubts,
    ...findingsOf(draft, source),
    ...(gone?.warnings ?? []),
    ...summary.warnings,
  ];
  // To be confirmed like what deletes, though it may delete nothing.
  const destructive = summary.destructive || strangers.length > 0;
  const stored = catalog.plans.save({
    id: newId(),
    createdAt: new Date().toISOString(),
    document: toStored({
      ...draft,
      ...(goneUsersIn && { goneUsersIn }),
      summary: { ...summary, destructive, warnings, empty: summary.empty && !goneUsersIn },
    }),
  });
  return { stored, recording };
}

function originOfCopy({ environment }: Pseudonymized): { environment?: string } {
  return environment === undefined ? {} : { environment };
}

/** Pseudonyms are for elsewhere: brought to where real people are, they stand among these, or in their place. */
function overRealPeople({ target }: PlanDraft, { pseudonymized }: SnapshotManifest): string[] {
  if (!pseudonymized) return [];
  const home = pseudonymized.environment === target.environment;
  if (!home && target.stage !== 'production') return [];
  const where = home
    ? `${target.environment}, from where it was taken`
    : `${target.environment}, which is a production environment`;
  return [`The source is pseudonymised: its users are made up. This plan brings them to ${where}.`];
}

/** A snapshot that contradicts itself may lack records that are there: what that means for the plan. */
function doubtsOf({ policy }: PlanDraft, source: SnapshotManifest, target?: SnapshotManifest): string[] {
  const doubts: string[] = [];
  const overwrites = policy.realm === 'overwrite';
  const deletes = policy.extra === 'delete' || overwrites;
  if (source.inconsistent !== undefined && policy.realm !== 'remove')
    doubts.push(
      `The source is not consistent: ${source.inconsistent}` +
        (overwrites || policy.exact
          ? ' This plan deletes from the target what the source lacks, be it only by mistake.'
          : ''),
    );
  if (target?.inconsistent !== undefined)
    doubts.push(
      `What was read of the target is not consistent: ${target.inconsistent}` +
        (deletes || policy.realm === 'remove'
          ? ' What was not seen is neither in the numbers here nor in the safety snapshot.'
          : ''),
    );
  return doubts;
}

/** What was found when the source was read stands in its snapshot, which nobody looks at who looks at the plan. */
function findingsOf({ policy }: PlanDraft, source: SnapshotManifest): string[] {
  return policy.realm === 'remove' ? [] : source.warnings.map(sourceFinding);
}

/** By the draft's policy; or by the other one, if that does not suit or leads to conflicts which the other has not. */
async function suitable(
  job: JobContext,
  catalog: Catalog,
  connector: Connector,
  unlooked: PlanDraft,
  { otherwise, record }: PlanRequest,
): Promise<Summarized> {
  if (!otherwise) return await summarized(job, catalog, connector, unlooked, record);
  const other: PlanDraft = { ...unlooked, policy: { ...DEFAULT_POLICY, ...otherwise.policy } };
  if (!(await otherwise.suits(derivePlan(job, catalog, unlooked).sides, job.signal)))
    return await summarized(job, catalog, connector, other, record);
  const first = await summarized(job, catalog, connector, unlooked, record);
  if (!first.summary.blocked) return first;
  const second = await summarized(job, catalog, connector, other, record);
  return second.summary.blocked ? first : second;
}

interface Summarized {
  readonly draft: PlanDraft;
  readonly summary: PlanSummary;
  readonly recording: PlanRecording | undefined;
}

/** A draft with what had to be looked up for it, and what it comes to. */
async function summarized(
  job: JobContext,
  catalog: Catalog,
  connector: Connector,
  unlooked: PlanDraft,
  record: PlanRequest['record'],
): Promise<Summarized> {
  const first = derivePlan(job, catalog, unlooked);
  await refuseUnknownChoice(unlooked, first);
  const draft = { ...unlooked, ...(await lookedUp(job, catalog, connector, unlooked, first)) };
  const meter = new PhaseMeter(job, 'Planning', 'items');
  const derived = derivePlan(job, catalog, draft, first.sides);
  const recording = record?.();
  const summary = await derived.summarize(async (entries) => {
    meter.advance(entries.length);
    await recording?.add(entries);
  });
  return { draft, summary, recording };
}

/** The target as it is: the realm, or what a deleted one of its name left behind, where that can be seen. */
async function captureTarget(
  job: JobContext,
  { snapshots }: Catalog,
  connector: Connector,
  {
    route,
    environment,
    realm,
  }: Pick<PlanDraft, 'route'> & Pick<PlanRequest, 'environment'> & { realm: string },
): Promise<{ exists: boolean; snapshot?: SnapshotManifest | undefined }> {
  const request: CaptureRequest = { environment: environment.name, realm, purpose: 'target' };
  if (await connector.realmExists(realm, job.signal))
    return { exists: true, snapshot: await captureRealm(job, connector, snapshots, request) };
  if (!route.seesLeftovers) return { exists: false };
  return { exists: false, snapshot: await captureLeftovers(job, connector, snapshots, request) };
}

async function lookedUp(
  job: JobContext,
  catalog: Catalog,
  connector: Connector,
  draft: PlanDraft,
  { sides, context }: DerivedPlan,
): Promise<Pick<PlanDraft, 'clientIdOwners' | 'socialLinkOwners' | 'takenIds' | 'sameKeys' | 'issuedAs'>> {
  const request = { connector, realm: draft.target.realm, sides };
  const taken = await takenIds(job, request, context);
  const same = await sameKeys(job, { ...request, context, stagingDir: catalog.stagingDir });
  return {
    // Where the server gives clients ids of its own, none can be taken.
    clientIdOwners: draft.route.sections.clients.createUnderNewKey ? {} : await clientIdOwners(job, request),
    socialLinkOwners: await socialLinkOwners(job, request),
    ...(taken && { takenIds: taken }),
    ...(same && { sameKeys: same }),
    ...(draft.policy.issuedClients === 'create' && {
      issuedAs: await issuedAs(sides, issuedBefore(catalog, draft.target), job.signal),
    }),
  };
}

/**
 * A plan of records that there are none of would have nothing to do, and would say that all is as the source has it. One of
 * several is only told of.
 *
 * @throws AppError NOT_FOUND
 */
async function refuseUnknownChoice({ policy, source }: PlanDraft, { sides }: DerivedPlan): Promise<void> {
  const chosen = chosenByHand(policy.only ?? []);
  if (chosen.length === 0) return;
  const unknown = await unmatched(chosen, sides.target, sides.source);
  if (unknown.length < chosen.length) return;
  const names = unknown.slice(0, MOST_UNKNOWN_NAMED).map((entry) => `“${entry}”`);
  const more = unknown.length - names.length;
  throw new AppError(
    'NOT_FOUND',
    `Neither the source nor the target has ${listed([...names, ...(more > 0 ? [`${more} more that were chosen`] : [])], 'or')}.`,
    {
      notChanged: 'Nothing was planned.',
      remedy: `Look for it: drawbridge snapshot search ${source.snapshot} <text>.`,
    },
  );
}

const MOST_UNKNOWN_NAMED = 5;

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
