import type { WrittenView } from '../../contract/job.ts';
import type { JournalStep } from '../catalog/jobs/job.ts';
import type { JsonObject } from '../model/record.ts';

/** What a step that commits journals with its intent: enough to find out later what became of the commit. */
export interface CommitFacts extends JsonObject {
  readonly commit: {
    readonly database: string;
    readonly place: string;
    readonly services: string[];
    /** Of the database, whatever its address; missing where the role may not ask. */
    readonly identity?: string;
    readonly xid: string;
  };
}

/** One database that a job commits to. */
export interface Commit {
  readonly place: string;
  readonly services: readonly string[];
  /** To ask the server with; undefined: the commit was never begun. */
  readonly facts?: JsonObject;
  /** As far as the journal tells. */
  readonly outcome: CommitOutcome;
}

export type CommitOutcome = 'committed' | 'aborted' | 'unknown';

export interface JournalledWrites {
  /** In the order of commits. Empty: the job came to no commit. */
  readonly commits: readonly Commit[];
  /** 1 where a step that writes at once was begun: over the Admin API. */
  readonly direct: number;
  /** From the first commit to the last one, by this computer's clock; without `to` where the last one's end is open. */
  readonly period?: { readonly from: string; readonly to?: string };
}

/**
 * What the journal of an apply tells of its writes. Commits come before all that writes at once: what follows the first
 * such step is not read, for there may be as many as records.
 *
 * @param hasEnded whether no more steps can come: then a commit that was never begun was never made
 */
export function journalledWrites(steps: Iterable<JournalStep>, hasEnded = true): JournalledWrites {
  const begun = new Map<string, Commit>();
  let places: readonly { place: string; services: string[] }[] = [];
  let direct = 0;
  let period: JournalledWrites['period'];
  for (const { intent, intentAt, outcome, outcomeAt } of steps) {
    const facts = intent['facts'];
    if (isFacts(facts)) {
      const { place, services } = facts.commit;
      begun.set(place, { place, services, facts, outcome: outcomeOf(outcome) });
      places = placesIn(facts) ?? places;
      period = { from: period?.from ?? intentAt, ...(outcomeAt !== null && { to: outcomeAt }) };
    } else if (intent['direct'] === true) {
      direct++;
      break;
    }
  }
  const never = places
    .filter(({ place }) => !begun.has(place))
    .map(({ place, services }): Commit => ({ place, services, outcome: hasEnded ? 'aborted' : 'unknown' }));
  return { commits: [...begun.values(), ...never], direct, ...(period && { period }) };
}

/** Whether the databases tell what was written: they were written to, or nothing was that writes at once. */
export function areOfDatabases({ commits, direct }: JournalledWrites): boolean {
  return commits.length > 0 || direct === 0;
}

/** The same, with what the databases answer where the journal does not know. */
export async function askedCommits(
  writes: JournalledWrites,
  ask: (facts: JsonObject) => Promise<CommitOutcome>,
): Promise<JournalledWrites> {
  const commits: Commit[] = [];
  for (const commit of writes.commits) {
    const { facts, outcome } = commit;
    commits.push(outcome === 'unknown' && facts ? { ...commit, outcome: await ask(facts) } : commit);
  }
  return { ...writes, commits };
}

function outcomeOf(outcome: JournalStep['outcome']): CommitOutcome {
  if (outcome === null) return 'unknown';
  return outcome === 'done' ? 'committed' : 'aborted';
}

function isFacts(value: unknown): value is CommitFacts {
  return typeof value === 'object' && value !== null && 'commit' in value;
}

function placesIn(facts: JsonObject): { place: string; services: string[] }[] | undefined {
  const places = facts['places'];
  return Array.isArray(places) ? (places as { place: string; services: string[] }[]) : undefined;
}

/** What is to be told of them. */
export function writtenView(
  target: { readonly environment: string; readonly realm: string },
  { commits, direct }: JournalledWrites,
): WrittenView {
  const { environment, realm } = target;
  const of = (outcome: CommitOutcome) =>
    commits.filter((commit) => commit.outcome === outcome).map(({ place }) => place);
  const [committed, aborted, unknown] = [of('committed'), of('aborted'), of('unknown')];
  const state =
    unknown.length > 0
      ? 'unknown'
      : committed.length === 0
        ? 'nothing'
        : aborted.length === 0
          ? 'everything'
          : 'part';
  const sentences = {
    nothing: direct > 0 ? 'Nothing was written to the databases.' : 'Nothing was written.',
    everything:
      direct > 0
        ? 'The databases were written; whether all calls to the Admin API were made is not known.'
        : 'Everything was written, but not verified.',
    part: `${environment}/${realm} is half written: ${list(committed)} ${is(committed)} written, ${list(aborted)} ${is(aborted)} not.`,
    unknown: `It is not known yet whether ${list(unknown)} ${is(unknown)} written${
      committed.length > 0 ? `; ${list(committed)} ${is(committed)}` : ''
    }.`,
  };
  return {
    state,
    environment,
    realm,
    databases: commits.map(({ place, services, outcome }) => ({ place, services: [...services], outcome })),
    text: sentences[state],
  };
}

/** Whether the realm may stand half written. */
export function mayBeHalfWritten({ state, databases }: WrittenView): boolean {
  return state === 'part' || (state === 'unknown' && databases.length > 1);
}

function list(places: readonly string[]): string {
  return new Intl.ListFormat('en').format(places);
}

function is(places: readonly string[]): string {
  return places.length === 1 ? 'is' : 'are';
}
