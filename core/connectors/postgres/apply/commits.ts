import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '../../../../contract/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/record.ts';
import { orAborted } from '../../or-aborted.ts';
import type { Databases, DatabaseTransaction } from '../databases.ts';
import { SERVICES } from '../services.ts';
import type { Session } from '../session.ts';
import { nothingWritten } from './apply-errors.ts';
import type { Place } from './apply-steps.ts';

export type Outcome = 'committed' | 'aborted' | 'unknown';

/** A server notices by and by that its client is gone, or needs to start again after a crash. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 250;

/**
 * What became of a journalled commit, from the server that made it or not; another one cannot know it.
 *
 * @param patienceMs how long a transaction that is still open, or a server that does not answer, is waited for
 * @throws AppError UNEXPECTED_ANSWER for facts that are none; CANCELED; when the server cannot be asked, as `Databases.begin`
 */
export async function commitOutcome(
  databases: Databases,
  facts: JsonObject,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<Outcome> {
  const { service, identity, xid } = committed(facts);
  for (const until = Date.now() + patienceMs; ; await orAborted(delay(LOOK_EVERY_MS), signal)) {
    const isLast = Date.now() >= until;
    try {
      const found = (await databases.layout(signal)).services[service]?.identity;
      // The environment has been pointed at another server since, where the number is that of some other transaction.
      if (identity !== undefined && found !== undefined && identity !== found) return 'unknown';
      const status = await transactionStatus(databases, service, xid, signal);
      if (status === 'committed' || status === 'aborted') return status;
      // Too long ago for the server to remember.
      if (status === null || isLast) return 'unknown';
    } catch (error) {
      if (isLast || !isPassing(error)) throw error;
    }
  }
}

async function transactionStatus(
  databases: Databases,
  service: (typeof SERVICES)[number],
  xid: string,
  signal: AbortSignal,
): Promise<string | null> {
  const look = await databases.begin([service], 'read', signal);
  try {
    // The same as pg_xact_status(), which PostgreSQL 12 has not.
    const [row] = await look
      .of(service)
      .query<{ status: string | null }>('SELECT txid_status($1::bigint) AS status', [xid]);
    return row!.status;
  } finally {
    await look.rollback();
  }
}

function isPassing(error: unknown): boolean {
  return ['UNREACHABLE', 'CONNECTION_LOST', 'TIMEOUT'].some(
    (code) => isAppError(error) && error.code === code,
  );
}

function committed(facts: JsonObject): {
  service: (typeof SERVICES)[number];
  identity: JsonValue | undefined;
  xid: string;
} {
  const commit = facts['commit'];
  const { services, identity, xid } = isJsonObject(commit) ? commit : {};
  const service = SERVICES.find((one) => Array.isArray(services) && services.includes(one));
  if (service === undefined || typeof xid !== 'string' || !/^\d+$/.test(xid))
    throw new AppError('UNEXPECTED_ANSWER', 'What was journalled of a commit is not what it should be.');
  return { service, identity, xid };
}

/**
 * The commits of one apply, in order. When the answer to one is lost, the server is asked what became of it; when they
 * cannot all be made, it is said exactly which were.
 */
export class Commits {
  readonly #databases: Databases;
  /** Those that are to be committed, in order. */
  readonly #places: readonly Place[];
  readonly #written: string[] = [];
  readonly #facts = new Map<string, JsonObject>();

  constructor(databases: Databases, places: readonly Place[]) {
    this.#databases = databases;
    this.#places = places;
  }

  get anyMade(): boolean {
    return this.#written.length > 0;
  }

  /** @throws AppError as `commit` */
  async factsOf(transaction: DatabaseTransaction): Promise<JsonObject> {
    const { place } = transaction;
    try {
      const facts = {
        commit: await transaction.commitFacts(),
        places: this.#places.map((one) => ({ place: one.place, services: [...one.services] })),
      };
      this.#facts.set(place, facts);
      return facts;
    } catch (error) {
      throw this.#stopped(place, 'aborted', error);
    }
  }

  /**
   * Commits. Before the first one, all that are to follow are asked whether they still stand.
   *
   * @throws AppError HALF_WRITTEN when an earlier one was made and this one not; what prevented it, with `outcome`
   *   refused, when nothing was written
   */
  async make(transaction: DatabaseTransaction, others: readonly DatabaseTransaction[]): Promise<void> {
    const { place } = transaction;
    if (!this.anyMade) await this.#stillStand(others);
    const facts = this.#facts.get(place) ?? (await this.factsOf(transaction));
    try {
      await commit(transaction.session);
    } catch (error) {
      const outcome = await this.#look(facts, error);
      if (outcome !== 'committed') throw this.#stopped(place, outcome, error);
    }
    this.#written.push(place);
  }

  async #stillStand(others: readonly DatabaseTransaction[]): Promise<void> {
    for (const { session, place } of others)
      await session.query('SELECT').catch((error: unknown) => {
        throw this.#stopped(place, 'aborted', error);
      });
  }

  async #look(facts: JsonObject, error: unknown): Promise<Outcome> {
    // The server answered, and said no.
    if (isAppError(error) && error.details['sqlState'] !== undefined && error.code !== 'CONNECTION_LOST')
      return 'aborted';
    try {
      // Whoever has canceled meanwhile has to know this too.
      return await commitOutcome(this.#databases, facts, new AbortController().signal);
    } catch (unasked) {
      if (!isAppError(unasked)) throw unasked;
      return 'unknown';
    }
  }

  #stopped(place: string, outcome: Exclude<Outcome, 'committed'>, error: unknown): AppError {
    if (outcome === 'aborted' && !this.anyMade) return nothingWritten(error);
    const unknown = outcome === 'unknown' ? [place] : [];
    const not = this.#places
      .map((one) => one.place)
      .filter((one) => ![...this.#written, ...unknown].includes(one));
    const reason = isAppError(error) ? error.message : String(error);
    const sentences = [
      tell(this.#written, 'written'),
      tell(not, 'not written'),
      unknown.length > 0 ? `Of ${list(unknown)} it is not known: the connection was lost at its commit.` : '',
    ];
    return new AppError('HALF_WRITTEN', [...sentences, reason].filter((text) => text !== '').join(' '), {
      notChanged: not.length > 0 ? `Nothing was written to ${list(not)}.` : '',
      remedy: 'Roll the job back: the realm becomes what it was before.',
      details: {
        written: [...this.#written],
        notWritten: not,
        unknown,
        outcome: outcome === 'aborted' ? 'refused' : 'unknown',
      },
      cause: error,
    });
  }
}

/** The answer to COMMIT of a transaction that has failed before is not an error, but "ROLLBACK". */
async function commit(session: Session): Promise<void> {
  const command = await session.run(async () => (await session.client.query('COMMIT')).command);
  if (command !== 'COMMIT')
    throw new AppError('SERVER_ERROR', 'PostgreSQL rolled the transaction back instead of committing it.', {
      details: { sqlState: '25P02' },
    });
}

function tell(places: readonly string[], what: string): string {
  return places.length === 0 ? '' : `${list(places)} ${places.length === 1 ? 'was' : 'were'} ${what}.`;
}

function list(places: readonly string[]): string {
  return new Intl.ListFormat('en').format(places);
}
