import { AppError } from '../../../../contract/errors.ts';
import type { JsonObject } from '../../../model/record.ts';
import { statusOf } from '../retry.ts';
import type { Calls } from './calls.ts';
import { object, objects, textIn, type ReleasedTarget } from './target.ts';

/** A user as the server tells of them. */
export interface FoundUser {
  readonly id: string;
  readonly username: string;
  readonly body: JsonObject;
}

/** The Admin API passes on 256 KB at most: some 700 users; a page of these fits in any case. */
const PAGE_SIZE = 200;
/** The pages have no order: one can hold what another held before, and nobody holds the rest. */
const READINGS = 5;

/**
 * By id, which must be that of a user of this realm and name; undefined: gone, or another's.
 *
 * @throws AppError
 */
export async function userById(
  target: ReleasedTarget,
  calls: Calls,
  { id, username }: { readonly id: string; readonly username: string },
): Promise<FoundUser | undefined> {
  const url = target.tools.endpoints.user(target.realm, id);
  try {
    const found = userOf(object(await calls.get(url, `look at user “${username}”`, 'absence'), url), url);
    return isIn(target, found.body) && found.username === username ? found : undefined;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return undefined;
    // The Admin API's way to say that there is none, or that something else went wrong: the search tells them apart.
    if (status !== 500) throw error;
    return await userByName(target, calls, username);
  }
}

/**
 * By name, which may be a part of thousands: not the way where the id or the address is known.
 *
 * @throws AppError UNEXPECTED_ANSWER when the pages do not come to what they announce
 */
export async function userByName(
  target: ReleasedTarget,
  calls: Calls,
  username: string,
): Promise<FoundUser | undefined> {
  return await searched(target, calls, username, (user) => user.username === username);
}

/** Whose address this is. @throws AppError as `userByName` */
export async function userByEmail(
  target: ReleasedTarget,
  calls: Calls,
  email: string,
): Promise<FoundUser | undefined> {
  return await searched(target, calls, email, (user) => user.body['email'] === email);
}

async function searched(
  target: ReleasedTarget,
  calls: Calls,
  text: string,
  wanted: (user: FoundUser) => boolean,
): Promise<FoundUser | undefined> {
  // A blank text is no search: the server would list everyone.
  if (text.trim() === '') return undefined;
  const { realm } = target;
  const term = searchTerm(text);
  const seen = new Set<string>();
  for (let reading = 1; ; reading++) {
    let announced = 0;
    for (let page = 0; page === 0 || page * PAGE_SIZE < announced; page++) {
      const url = target.tools.endpoints.userSearch(realm, term, page, PAGE_SIZE);
      const answer = object(
        await calls.get(url, `look for “${text}” among the users of realm “${realm}”`),
        url,
      );
      for (const body of objects(answer['content'], url)) {
        if (!isIn(target, body)) continue;
        const user = userOf(body, url);
        if (wanted(user)) return user;
        seen.add(user.id);
      }
      announced = typeof answer['totalElements'] === 'number' ? answer['totalElements'] : 0;
    }
    if (seen.size >= announced) return undefined;
    if (reading === READINGS)
      throw new AppError(
        'UNEXPECTED_ANSWER',
        `A search for “${text}” in realm “${realm}” announces ${announced} users, and ${READINGS} readings found ${seen.size}.`,
        {
          remedy: 'Users may have changed meanwhile: try again.',
          details: { outcome: 'unknown', transient: false },
        },
      );
  }
}

/**
 * What to search for, to be told of this one among others: the Admin API puts the text into a template of an address, so that
 * a plus sign becomes a space, and braces are an error (OpenGate v1.1.0). The longest part without either is contained in
 * what is wanted; where there is none, everyone is listed.
 */
function searchTerm(text: string): string {
  const parts = text.split(/[+{}]/);
  return parts.reduce((longest, part) => (part.trim().length > longest.length ? part.trim() : longest), '');
}

function isIn({ realm }: ReleasedTarget, body: JsonObject): boolean {
  return body['realmName'] === undefined || body['realmName'] === realm;
}

function userOf(body: JsonObject, url: string): FoundUser {
  return { id: textIn(body, 'id', url), username: textIn(body, 'username', url), body };
}
