import { isAppError, throwIfAborted } from '../../contract/errors.ts';
import { compareSection } from '../compare/compare-section.ts';
import { emptySide, type SnapshotSides } from '../compare/section-side.ts';
import type { Connector, IdSection, Owners } from '../connectors/connector.ts';
import type { Section } from '../model/sections.ts';
import { ID_SECTIONS } from '../planner/ids.ts';
import type { PlanContext, TakenIds } from '../planner/plan.ts';
import { targetHasLeftovers } from '../planner/section-plan.ts';
import { idWishes, TakenIdCollector, type IdWish } from '../planner/taken-ids.ts';
import type { JobContext } from './job-context.ts';
import type { PlanDraft } from './plan-document.ts';

export interface LookupRequest {
  readonly connector: Connector;
  readonly realm: string;
  readonly sides: { readonly target: SnapshotSides; readonly source: SnapshotSides };
}

/** Keys asked for at once. */
const KEYS_AT_ONCE = 10_000;
/** So many links that others own stand in a plan by name: beyond that, something is wrong with all of them. */
const MOST_LINKS = 20_000;

/**
 * Which client ids that the plan would create another realm of the target's server owns: they are unique over all realms
 * of a server (OpenGate v1.1.0, `oauth_clients.client_id`), which a look at the target realm alone does not show.
 *
 * Bounded by the number of the source's clients. Where realms can only be listed, one whose clients may not be read is
 * passed over: the server will judge.
 */
export async function clientIdOwners(
  job: JobContext,
  request: LookupRequest,
): Promise<PlanDraft['clientIdOwners']> {
  const { connector, realm } = request;
  const { owners } = connector;
  const found = new Map<string, string>();
  if (owners)
    for await (const ids of newKeys(request, 'clients', job.signal))
      for (const [id, owner] of await owners.clientIds(realm, ids, job.signal)) found.set(id, owner);
  else for await (const [id, owner] of listedOwners(job, request)) found.set(id, owner);
  return Object.fromEntries(found);
}

/** The same for social links (`user_social_links`: unique over all realms). Without such a look-up, none. */
export async function socialLinkOwners(
  job: JobContext,
  request: LookupRequest,
): Promise<PlanDraft['socialLinkOwners']> {
  const { connector, realm } = request;
  const { owners } = connector;
  const found = new Map<string, string>();
  if (!owners || !(await owners.anyElsewhere('users', realm, job.signal))) return {};
  for await (const keys of newKeys(request, 'socialLinks', job.signal)) {
    for (const [key, owner] of await owners.socialLinks(realm, keys, job.signal)) found.set(key, owner);
    if (found.size > MOST_LINKS) return 'all';
  }
  return Object.fromEntries(found);
}

/**
 * The ids that records to be created cannot keep, since others have them. Where a route cannot tell, none are told: it
 * gives new ids anyway.
 */
export async function takenIds(
  job: JobContext,
  { connector, sides }: LookupRequest,
  context: PlanContext,
): Promise<TakenIds | undefined> {
  const { owners } = connector;
  if (!owners) return undefined;
  const collector = new TakenIdCollector(context, sides, job.signal);
  const worthwhile = { ...sides, source: await worthLooking(job, owners, context, sides.source) };
  let looked = 0;
  for await (const { section, wishes } of gathered(idWishes(context, worthwhile, job.signal))) {
    const ids = wishes.map(({ id }) => id);
    await collector.add(section, wishes, await owners.ids(section, ids, job.signal));
    looked += wishes.length;
    job.progress({ phase: 'Looking for ids that are taken', done: looked, unit: 'records' });
  }
  return collector.finish();
}

/** A new realm on a server where nobody else has anything of a section keeps all of its ids: nobody needs to be asked. */
async function worthLooking(
  job: JobContext,
  owners: Owners,
  context: PlanContext,
  source: SnapshotSides,
): Promise<SnapshotSides> {
  const { targetExists, targetRealm } = context;
  if (targetExists || targetHasLeftovers(context)) return source;
  const sides = await Promise.all(
    ID_SECTIONS.filter((section) => source[section]).map(async (section) =>
      (await owners.anyElsewhere(section, targetRealm, job.signal))
        ? [[section, source[section]] as const]
        : [],
    ),
  );
  return Object.fromEntries(sides.flat());
}

interface Wishes {
  readonly section: IdSection;
  readonly wishes: readonly IdWish[];
}

/** Batches of one section joined to as many as are asked for at once. */
async function* gathered(batches: AsyncIterable<Wishes>): AsyncGenerator<Wishes> {
  let section: IdSection | undefined;
  let wishes: IdWish[] = [];
  for await (const batch of batches) {
    if (section !== undefined && (batch.section !== section || wishes.length >= KEYS_AT_ONCE)) {
      yield { section, wishes };
      wishes = [];
    }
    section = batch.section;
    wishes.push(...batch.wishes);
  }
  if (section !== undefined && wishes.length > 0) yield { section, wishes };
}

/** Keys that only the source has. */
async function* newKeys(
  { sides }: LookupRequest,
  section: Section,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const source = sides.source[section];
  if (!source) return;
  let keys: string[] = [];
  for await (const stretch of compareSection(sides.target[section] ?? emptySide(section), source, signal)) {
    throwIfAborted(signal);
    if (stretch.kind === 'equal') continue;
    for (const { kind, key } of stretch.records) if (kind === 'added') keys.push(key);
    if (keys.length < KEYS_AT_ONCE) continue;
    yield* slices(keys);
    keys = [];
  }
  if (keys.length > 0) yield* slices(keys);
}

function* slices(keys: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) yield keys.slice(at, at + KEYS_AT_ONCE);
}

/** By reading the clients of every other realm: all that a route can do that only lists realms. */
async function* listedOwners(
  job: JobContext,
  request: LookupRequest,
): AsyncGenerator<readonly [string, string]> {
  const { connector } = request;
  const wanted = new Set<string>();
  for await (const ids of newKeys(request, 'clients', job.signal)) for (const id of ids) wanted.add(id);
  if (wanted.size === 0) return;
  for await (const realm of connector.listRealms(job.signal)) {
    if (realm.name === request.realm) continue;
    throwIfAborted(job.signal);
    job.progress({ phase: `Looking at the clients of realm ${realm.name}`, done: 0, unit: 'realms' });
    try {
      const capture = connector.capture(realm.name, { sections: ['clients'] }, job.signal);
      for await (const { section, records } of capture.batches) {
        if (section !== 'clients') continue;
        for (const { key } of records) if (wanted.has(key)) yield [key, realm.name];
      }
    } catch (error) {
      // A realm that was deleted meanwhile owns nothing; one that may not be read cannot be judged, and the server will.
      if (!isAppError(error, 'REALM_NOT_FOUND') && !isAppError(error, 'FORBIDDEN')) throw error;
    }
  }
}
