import { AppError, isAppError } from '../../../contract/errors.ts';
import { isJsonObject, type JsonValue } from '../../model/record.ts';
import type { RealmSummary } from '../connector.ts';
import { isNotServed, type ApiClient } from './api-client.ts';
import { segment } from './path-segment.ts';

const PAGE_SIZE = 100;
/** A server that never ends its list is stopped here. */
const MAX_PAGES = 10_000;
/** Pages have no promised order: while realms change, one can slip from a page to the one before. */
const READINGS = 3;

const NOTHING_CHANGED = 'Nothing was changed.';

interface Page {
  readonly realms: readonly RealmSummary[];
  /** Undefined for a plain array, which is the whole list. */
  readonly totalPages?: number;
  readonly totalElements?: number;
  readonly paged: boolean;
}

/** The realms of a server, from whichever address lists them; that address is found once and kept. */
export class RealmList {
  readonly #client: ApiClient;
  readonly #candidates: readonly string[];
  #found: string | undefined;
  #paged = false;

  constructor(client: ApiClient, candidates: readonly string[]) {
    this.#client = client;
    this.#candidates = candidates;
  }

  /** Whether the list comes in pages, as documented; known once it was asked for. */
  get paged(): boolean {
    return this.#paged;
  }

  /** Every realm once, as the pages come in. @throws AppError UNEXPECTED_ANSWER when the count does not agree */
  async *all(signal: AbortSignal): AsyncGenerator<RealmSummary> {
    const url = await this.address(signal);
    const seen = new Set<string>();
    for (let reading = 1; ; reading++) {
      let announced: number | undefined;
      for await (const page of this.#pages(url, signal)) {
        announced = page.totalElements ?? announced;
        for (const realm of page.realms) {
          if (seen.has(realm.name)) continue;
          seen.add(realm.name);
          yield realm;
        }
      }
      if (announced === undefined || seen.size >= announced) return;
      if (reading === READINGS) throw incomplete(url, announced, seen.size);
    }
  }

  async exists(realm: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.address(signal);
    } catch (error) {
      // A list that is larger than what release v1.1.0 can pass on is a 500 there; one realm never is.
      if (isAppError(error, 'SERVER_ERROR') && (await this.#answers(realm, signal))) return true;
      throw error;
    }
    // Release v1.1.0 says 500 of a realm that is not there; its list is whole.
    if (!this.paged) return await this.#isListed(realm, signal);
    try {
      await this.#get(await this.urlOf(realm, signal), `look for realm “${realm}”`, signal, realm);
      return true;
    } catch (error) {
      if (!isNotServed(error)) throw error;
    }
    // 404 may mean the realm or the endpoint: the list knows.
    return await this.#isListed(realm, signal);
  }

  async #answers(realm: string, signal: AbortSignal): Promise<boolean> {
    for (const list of this.#candidates)
      try {
        parseRealm(
          (await this.#get(realmUrl(list, realm), `look for realm “${realm}”`, signal)) ?? null,
          list,
        );
        return true;
      } catch (error) {
        if (!isNotServed(error) && !isAppError(error, 'SERVER_ERROR')) throw error;
      }
    return false;
  }

  async #isListed(realm: string, signal: AbortSignal): Promise<boolean> {
    for await (const known of this.all(signal)) if (known.name === realm) return true;
    return false;
  }

  /** Where one realm's settings are served. */
  async urlOf(realm: string, signal: AbortSignal): Promise<string> {
    return realmUrl(await this.address(signal), realm);
  }

  /** Where the list is served. @throws AppError UNEXPECTED_ANSWER when nowhere; what the last address failed with otherwise */
  async address(signal: AbortSignal): Promise<string> {
    if (this.#found !== undefined) return this.#found;
    let last: unknown;
    for (const url of this.#candidates) {
      try {
        const answer = await this.#get(`${url}?page=0&size=1`, 'list the realms', signal);
        this.#paged = parsePage(answer, url).paged;
        this.#found = url;
        return url;
      } catch (error) {
        if (!isNotServed(error)) throw error;
        last = error;
      }
    }
    throw last;
  }

  async *#pages(url: string, signal: AbortSignal): AsyncGenerator<Page> {
    for (let number = 0; number < MAX_PAGES; number++) {
      const answer = await this.#get(`${url}?page=${number}&size=${PAGE_SIZE}`, 'list the realms', signal);
      const page = parsePage(answer, url);
      yield page;
      const last = page.totalPages === undefined ? page.realms.length === 0 : number + 1 >= page.totalPages;
      if (!page.paged || last) return;
    }
    throw new AppError(
      'UNEXPECTED_ANSWER',
      `The list of realms at ${url} does not end after ${MAX_PAGES} pages.`,
      { notChanged: NOTHING_CHANGED, remedy: 'Name the realms instead of listing them.' },
    );
  }

  async #get(url: string, to: string, signal: AbortSignal, realm?: string): Promise<JsonValue | undefined> {
    return await this.#client.json({
      method: 'GET',
      url,
      purpose: { to, notChanged: NOTHING_CHANGED, ...(realm === undefined ? {} : { realm }) },
      repeatable: true,
      signal,
    });
  }
}

/** Both shapes: the documented page, and the plain array of release v1.1.0. */
function parsePage(answer: JsonValue | undefined, url: string): Page {
  if (Array.isArray(answer)) return { realms: answer.map((entry) => parseRealm(entry, url)), paged: false };
  if (!isJsonObject(answer) || !Array.isArray(answer['content']))
    throw new AppError('UNEXPECTED_ANSWER', `${url} answered with JSON that is no list of realms.`, {
      notChanged: NOTHING_CHANGED,
      remedy: 'Check the address.',
      details: { address: url },
    });
  const { totalPages, totalElements } = answer;
  return {
    realms: answer['content'].map((entry) => parseRealm(entry, url)),
    paged: true,
    ...(typeof totalPages === 'number' ? { totalPages } : {}),
    ...(typeof totalElements === 'number' ? { totalElements } : {}),
  };
}

function parseRealm(entry: JsonValue, url: string): RealmSummary {
  const name = isJsonObject(entry) ? entry['name'] : undefined;
  if (!isJsonObject(entry) || typeof name !== 'string' || name === '')
    throw new AppError('UNEXPECTED_ANSWER', `The list of realms at ${url} has an entry without a name.`, {
      notChanged: NOTHING_CHANGED,
      remedy: 'Check the address: perhaps it is not OpenGate that answers there.',
      details: { address: url },
    });
  const { displayName, enabled } = entry;
  return {
    name,
    ...(typeof displayName === 'string' ? { displayName } : {}),
    ...(typeof enabled === 'boolean' ? { enabled } : {}),
  };
}

function incomplete(url: string, announced: number, found: number): AppError {
  return new AppError(
    'UNEXPECTED_ANSWER',
    `The list of realms at ${url} announces ${announced} realms, and ${READINGS} readings found ${found}.`,
    {
      remedy: 'Realms may have changed meanwhile: try again. Or name the realms instead of listing them.',
      notChanged: NOTHING_CHANGED,
      details: { address: url, announced, found },
    },
  );
}

/** One realm's address below a list of realms. */
function realmUrl(list: string, realm: string): string {
  return `${list}/${segment(realm)}`;
}
