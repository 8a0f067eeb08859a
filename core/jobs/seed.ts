import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError, throwIfAborted } from '../../contract/errors.ts';
import type { ApplyResult, JobInput } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import { sourceFinding } from '../../contract/source-findings.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { Connector } from '../connectors/connector.ts';
import { VariableExpander, type VariableLookup } from '../formats/document-variables.ts';
import type { JsonObject } from '../model/record.ts';
import { REALM_NAME } from '../model/natural-key.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { applyStoredPlan } from './apply.ts';
import type { ApplyEnd } from './apply-outcome.ts';
import { refuseBlockedSeed } from './blocked-seed.ts';
import { importFile } from './import-file.ts';
import { countedRecords, leftOutByRoute, namedRecords } from './left-out.ts';
import { makePlan } from './make-plan.ts';
import { shownPlan } from './plan-document.ts';
import type { JournalledContext } from './runner.ts';
import { waitUntilReady } from './wait-until-ready.ts';
import { journalledWrites } from './written.ts';

type SeedInput = Extract<JobInput, { kind: 'seed' }>;

type Connected = <T>(work: (connector: Connector) => Promise<T>) => Promise<T>;

export interface SeedTarget {
  readonly environment: { readonly name: string; readonly stage: string };
  /** Opens a new connector for the length of one piece of work. */
  readonly connected: Connected;
  /** The same, as if nobody had ever connected. */
  readonly newlyConnected: Connected;
}

interface Seeding extends Pick<SeedTarget, 'environment'> {
  readonly catalog: Catalog;
  readonly connector: Connector;
  readonly source: SnapshotManifest;
  readonly input: SeedInput;
}

/** How long another process may take that seeds the same realm from the same catalog. */
const ATTEMPTS = 120;
const BETWEEN_ATTEMPTS = 500;
/** How often a realm may be changed by others while the seed is merged into it. */
const CHANGES = 5;

/**
 * Creates the realm of a seed file unless it exists, and leaves it alone if it does: what OpenGate's Import/Export page
 * ("Seeding a Realm") promises of its script. Two pipelines at once are both successful: one creates, one finds it there.
 * With `ifExists` it merges the seed into a realm that exists instead, or fails.
 *
 * The file is read, and all its variables found, before the environment is asked for anything.
 *
 * @throws AppError what importing the file, planning and applying throw; VARIABLE_UNDEFINED; REALM_EXISTS where that is
 *   to be a failure; what the environment said last, when it was not ready in time
 */
export async function seedRealm(
  job: JournalledContext,
  catalog: Catalog,
  target: SeedTarget,
  input: SeedInput,
  lookup: VariableLookup,
): Promise<ApplyEnd> {
  const { environment, connected, newlyConnected } = target;
  const variables = input.variables === false ? undefined : new VariableExpander(lookup);
  const source = await importFile(job, catalog.snapshots, { path: input.path, tags: ['seed'], variables });
  requireRealm(source.realm);
  if (input.waitSeconds !== undefined)
    await waitUntilReady(job, {
      seconds: input.waitSeconds,
      environment: environment.name,
      look: (signal) =>
        newlyConnected(async (connector) => {
          await connector.realmExists(source.realm, signal);
          await connector.capabilities(signal);
        }),
    });
  const told = new Set(source.warnings.map(sourceFinding));
  const end = await connected((connector) => seeded(job, { catalog, connector, environment, source, input }));
  return {
    ...end,
    result: {
      ...end.result,
      // Also where the realm was there already, so that there is no plan that tells them.
      todo: [...source.warnings, ...end.result.todo.filter((text) => !told.has(text))],
      ...(variables && { variables: variables.used().map((used) => ({ ...used })) }),
    },
  };
}

async function seeded(job: JournalledContext, seeding: Seeding): Promise<ApplyEnd> {
  const { catalog, connector, environment, source, input } = seeding;
  let changes = 0;
  for (let attempt = 1; ; attempt++) {
    const exists = await connector.realmExists(source.realm, job.signal);
    if (exists && input.ifExists === 'fail') throw existsAlready(environment.name, source.realm);
    if (exists && input.ifExists !== 'merge') return foundThere(job, seeding);
    try {
      const policy = exists ? mergePolicy(input) : creationPolicy(input);
      const plan = await makePlan(job, catalog, connector, { source, environment, policy });
      await refuseBlockedSeed(job, catalog, plan);
      const end = await applyStoredPlan(job, catalog, connector, plan, {});
      return await withLeftOut(end, job, catalog, plan, input);
    } catch (error) {
      throwIfAborted(job.signal);
      if (attempt === ATTEMPTS || !isAppError(error) || !nothingWritten(error)) throw error;
      if (error.code === 'CATALOG_LOCKED') await pause(job.signal);
      else if (exists) {
        if (error.code !== 'TARGET_CHANGED' || ++changes > CHANGES) throw error;
      } else if (!(await appeared(connector, source.realm, error, job.signal))) throw error;
    }
  }
}

function creationPolicy({ issuedClients, unsupported }: SeedInput): PolicyInput {
  return {
    ...(unsupported !== undefined && { unsupported }),
    ...(issuedClients !== undefined && { issuedClients }),
  };
}

/** What the route cannot write is left out and told: else one client would keep all others from being merged. */
function mergePolicy(input: SeedInput): PolicyInput {
  return {
    ...creationPolicy(input),
    realm: 'merge',
    users: 'merge',
    clients: 'update',
    unsupported: 'skip',
  };
}

/** Goes on with a seeding that was broken off when it had begun to write. */
export async function resumeSeeding(
  job: JournalledContext,
  catalog: Catalog,
  connector: Connector,
  plan: StoredPlan<JsonObject>,
  input: SeedInput,
): Promise<ApplyEnd> {
  const end = await applyStoredPlan(job, catalog, connector, plan, {});
  return await withLeftOut(end, job, catalog, plan, input);
}

/** The plan of a seeding that was broken off when it had begun to write; undefined: it is begun anew. */
export function begunSeeding(catalog: Catalog, job: string): StoredPlan<JsonObject> | undefined {
  const { applying } = catalog.jobs.get(job);
  if (!applying) return undefined;
  const { commits, direct } = journalledWrites(catalog.jobs.steps(job));
  return commits.length > 0 || direct > 0 ? catalog.plans.get(applying.plan) : undefined;
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

function existsAlready(environment: string, realm: string): AppError {
  return new AppError('REALM_EXISTS', `${environment} has a realm “${realm}” already.`, {
    notChanged: 'It was left alone.',
    remedy: 'If that is as it should be, let it be left alone, or let the seed be merged into it.',
    details: { environment, realm },
  });
}

function nothingWritten(error: AppError): boolean {
  return (error.details['itemsDone'] ?? 0) === 0;
}

async function pause(signal: AbortSignal): Promise<void> {
  // An abort ends the pause; what it means is told by the next line.
  await sleep(BETWEEN_ATTEMPTS, undefined, { signal }).catch(() => {});
  throwIfAborted(signal);
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

/** A seeding says what of the file it could not bring there, be it that this was asked for. */
async function withLeftOut(
  end: ApplyEnd,
  job: JournalledContext,
  catalog: Catalog,
  plan: StoredPlan<JsonObject>,
  asked: SeedInput,
): Promise<ApplyEnd> {
  const leftOut = await leftOutByRoute(job, catalog, plan, asked);
  if (!leftOut) return end;
  const sentence = `The channel to the environment cannot write all that the file has. Left out: ${namedRecords(leftOut)}.`;
  return { ...end, result: { ...end.result, leftOut, todo: [sentence, ...end.result.todo] } };
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
  const { sections } = shownPlan(plan).summary;
  const lacking = countedRecords(
    Object.fromEntries(Object.entries(sections).map(([section, { create }]) => [section, create])),
  );
  const todo =
    lacking === ''
      ? []
      : [
          `The realm was left alone, yet it lacks some of what the seed has: ${lacking}. To add them, seed it once with --if-exists merge.`,
        ];
  return { result: existsResult(environment.name, source.realm, todo) };
}

function existsResult(environment: string, realm: string, todo: string[]): ApplyResult {
  return {
    status: 'exists',
    environment,
    realm,
    verified: false,
    counts: { create: 0, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 0, retries: 0 },
    sections: {},
    failures: 0,
    deviations: [],
    deviationCount: 0,
    safetySnapshot: null,
    verificationSnapshot: null,
    todo,
  };
}
