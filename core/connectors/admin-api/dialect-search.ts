import { AppError, isAppError } from '../../../contract/errors.ts';
import type { JsonValue } from '../../model/record.ts';
import { isNotServed, type ApiClient } from './api-client.ts';
import { documentedEndpoints } from './documented/endpoints.ts';
import { DOCUMENTED } from './documented/route.ts';
import type { RealmList } from './realm-list.ts';
import { releasedEndpoints } from './released/endpoints.ts';
import { RELEASED } from './released/route.ts';
import type { BaseUrls } from './settings.ts';
import { statusOf } from './retry.ts';
import { isTokenTrouble } from './token-search.ts';

export interface DialectFinding {
  readonly name: typeof DOCUMENTED | typeof RELEASED;
  /** False: there was no realm to try it on, so that it should be asked again. */
  readonly certain: boolean;
  /** Which of the given addresses is the Admin API and which a gateway, as far as it was found out. */
  readonly bases: BaseUrls;
}

export interface SearchPlaces {
  readonly client: ApiClient;
  readonly realms: RealmList;
  readonly bases: BaseUrls;
}

/** Exists on every OpenGate until somebody deletes it; tried where no list says a better one. */
const USUAL_REALM = 'master';

const NOTHING_CHANGED = 'Nothing was changed.';

/**
 * Finds out by looking, and writes nothing: a server whose export endpoint answers, be it with a refusal, speaks as
 * documented; one that has none and lists users page by page is release v1.1.0 or its like. Nothing else is taken for
 * either.
 *
 * @throws AppError UNSUPPORTED_BY_ROUTE when it answers neither way, with what was tried; AUTH_FAILED, SERVER_ERROR and
 *   whatever the network does when it cannot be asked
 */
export async function findDialect(places: SearchPlaces, signal: AbortSignal): Promise<DialectFinding> {
  return await new Search(places, signal).run();
}

/**
 * Whether this realm can be exported at any of the addresses, or exporting it is refused there: then the server speaks as
 * documented, whatever it was taken for earlier.
 *
 * @throws AppError as `findDialect` does
 */
export async function hasExport(places: SearchPlaces, realm: string, signal: AbortSignal): Promise<boolean> {
  return (await new Search(places, signal).exporting(realm)) !== undefined;
}

class Search {
  readonly #places: SearchPlaces;
  readonly #signal: AbortSignal;
  readonly #tried: string[] = [];

  constructor(places: SearchPlaces, signal: AbortSignal) {
    this.#places = places;
    this.#signal = signal;
  }

  async run(): Promise<DialectFinding> {
    const { bases } = this.#places;
    const { realm, known, paged } = await this.#someRealm();
    const exporting = await this.exporting(realm);
    if (exporting !== undefined)
      return { name: DOCUMENTED, certain: true, bases: { ...bases, api: exporting } };
    for (const api of addresses(bases.api, bases.gateway))
      if (await this.#isUserPage(releasedEndpoints({ ...bases, api }).adminUsers(realm, 0, 1)))
        return { name: RELEASED, certain: true, bases: await this.#withGateway({ ...bases, api }, realm) };
    // A page of realms is documented, and release v1.1.0 has none.
    if (!known && paged) return { name: DOCUMENTED, certain: false, bases };
    throw this.#neither();
  }

  /** The address at which it can be exported, or that is refused. */
  async exporting(realm: string): Promise<string | undefined> {
    const { bases } = this.#places;
    for (const api of addresses(bases.api, bases.gateway))
      if (await this.#exports(documentedEndpoints({ api }).export(realm))) return api;
    return undefined;
  }

  /** A realm to try things on; `paged`: the list of them has the documented shape. */
  async #someRealm(): Promise<{ realm: string; known: boolean; paged: boolean }> {
    const { realms } = this.#places;
    try {
      for await (const { name } of realms.all(this.#signal))
        return { realm: name, known: true, paged: realms.paged };
      return { realm: USUAL_REALM, known: false, paged: realms.paged };
    } catch (error) {
      const unlisted =
        isNotServed(error) || isAppError(error, 'FORBIDDEN') || isAppError(error, 'SERVER_ERROR');
      if (!unlisted || !isAppError(error)) throw error;
      this.#tried.push(error.message.replace(/\.$/, ''));
      return { realm: USUAL_REALM, known: false, paged: false };
    }
  }

  /** What refuses to export is there; what has none says 404 or sends elsewhere. */
  async #exports(url: string): Promise<boolean> {
    try {
      const isDocument = await this.#places.client.stream(
        {
          method: 'GET',
          url,
          purpose: { to: 'look for an export endpoint', notChanged: NOTHING_CHANGED },
          repeatable: true,
          signal: this.#signal,
        },
        async (bytes) => {
          // The first piece is enough; leaving the loop drops the connection.
          for await (const piece of bytes) return /^\uFEFF?\s*\{/.test(Buffer.from(piece).toString('utf8'));
          return false;
        },
      );
      if (!isDocument) this.#tried.push(`GET ${url} answered something that is no export`);
      return isDocument;
    } catch (error) {
      if (isNotServed(error)) return this.#not(url, error);
      if (isAppError(error, 'FORBIDDEN') || isAppError(error, 'REQUEST_REFUSED')) return true;
      if (isAppError(error, 'AUTH_FAILED') && !isTokenTrouble(error)) return true;
      throw error;
    }
  }

  async #isUserPage(url: string): Promise<boolean> {
    try {
      const answer = await this.#places.client.json({
        method: 'GET',
        url,
        purpose: { to: 'list users', notChanged: NOTHING_CHANGED },
        repeatable: true,
        signal: this.#signal,
      });
      if (isPage(answer)) return true;
      this.#tried.push(`GET ${url} answered JSON that is no page of users`);
      return false;
    } catch (error) {
      if (isNotServed(error)) return this.#not(url, error);
      throw error;
    }
  }

  /** The gateway is where its own routes answer: the address named so, else the one given for the Admin API. */
  async #withGateway(bases: BaseUrls, realm: string): Promise<BaseUrls> {
    for (const gateway of addresses(this.#places.bases.gateway, this.#places.bases.api)) {
      const found = { ...bases, gateway, gatewayNamed: true };
      const url = releasedEndpoints(found).users(realm, 0, 1);
      if (url !== undefined && (await this.#isUserPage(url))) return found;
    }
    return { ...bases, gatewayNamed: false };
  }

  #not(url: string, error: unknown): false {
    this.#tried.push(`GET ${url} answered ${statusOf(error) ?? 'something else'}`);
    return false;
  }

  #neither(): AppError {
    return new AppError(
      'UNSUPPORTED_BY_ROUTE',
      `This server speaks in no way that Drawbridge knows: it has no export endpoint, and does not list users either. ${this.#tried.join('; ')}.`,
      {
        notChanged: NOTHING_CHANGED,
        remedy:
          'Check the addresses: the Admin API (--api-url) and, where there is one, the gateway (--gateway-url). Or use its databases (--pg-url).',
        details: { tried: this.#tried, environment: this.#places.client.environment },
      },
    );
  }
}

function addresses(first: string, second: string): string[] {
  return [...new Set([first, second])];
}

function isPage(answer: JsonValue | undefined): boolean {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    !Array.isArray(answer) &&
    Array.isArray(answer['content']) &&
    answer['totalElements'] !== undefined
  );
}
