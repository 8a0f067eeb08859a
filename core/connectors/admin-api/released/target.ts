import { AppError } from '../../../../contract/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/record.ts';
import { statusOf } from '../retry.ts';
import type { Calls } from './calls.ts';
import type { ReleasedTools } from './tools.ts';

/** A role as the server lists it. */
export interface ListedRole {
  readonly id: string;
  readonly name: string;
  readonly body: JsonObject;
}

/** One realm that is being written to: where it is served, and what is remembered of it from one step to the next. */
export class ReleasedTarget {
  readonly tools: ReleasedTools;
  readonly realm: string;
  #roles: Promise<ReadonlyMap<string, ListedRole>> | undefined;
  readonly #missing = new Set<string>();

  constructor(tools: ReleasedTools, realm: string) {
    this.tools = tools;
    this.realm = realm;
  }

  /** By name. Read once, and again once it was forgotten. */
  async roles(calls: Calls): Promise<ReadonlyMap<string, ListedRole>> {
    const reading = (this.#roles ??= this.#readRoles(calls));
    try {
      return await reading;
    } catch (error) {
      if (this.#roles === reading) this.#roles = undefined;
      throw error;
    }
  }

  forgetRoles(): void {
    this.#roles = undefined;
    this.#missing.clear();
  }

  /** As `roles`, read again where one of these names is not in it and was not looked for since the last reading. */
  async rolesNamed(names: readonly string[], calls: Calls): Promise<ReadonlyMap<string, ListedRole>> {
    const known = await this.roles(calls);
    const unheard = names.filter((name) => !known.has(name) && !this.#missing.has(name));
    if (unheard.length === 0) return known;
    this.#roles = undefined;
    const now = await this.roles(calls);
    for (const name of unheard) if (!now.has(name)) this.#missing.add(name);
    return now;
  }

  async #readRoles(calls: Calls): Promise<ReadonlyMap<string, ListedRole>> {
    const url = this.tools.endpoints.roles(this.realm);
    const listed = objects(await calls.get(url, `list the roles of realm “${this.realm}”`), url);
    return new Map(
      listed.map((body) => {
        const name = textIn(body, 'name', url);
        return [name, { id: textIn(body, 'id', url), name, body }];
      }),
    );
  }

  /**
   * The realm's own record; undefined: there is none. The Admin API says 500 for a realm that is not there, so the list
   * of all is asked then.
   */
  async findRealm(calls: Calls): Promise<JsonObject | undefined> {
    const { endpoints } = this.tools;
    const to = `look at realm “${this.realm}”`;
    try {
      const url = endpoints.realm(this.realm);
      const found = object(await calls.get(url, to, 'absence'), url);
      if (found['name'] === this.realm) return found;
    } catch (error) {
      const status = statusOf(error);
      if (status !== 404 && status !== 500) throw error;
    }
    const listed = objects(await calls.get(endpoints.realms, to), endpoints.realms);
    return listed.find((realm) => realm['name'] === this.realm);
  }
}

export function object(answer: JsonValue | undefined, url: string): JsonObject {
  if (isJsonObject(answer)) return answer;
  throw unexpected(url, 'with no JSON object');
}

export function objects(answer: JsonValue | undefined, url: string): readonly JsonObject[] {
  if (Array.isArray(answer) && answer.every(isJsonObject)) return answer;
  throw unexpected(url, 'with no list of JSON objects');
}

export function texts(answer: JsonValue | undefined, url: string): readonly string[] {
  if (Array.isArray(answer) && answer.every((text) => typeof text === 'string')) return answer;
  throw unexpected(url, 'with no list of texts');
}

export function textIn(body: JsonObject, name: string, url: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw unexpected(url, `without “${name}”`);
}

/** What was wished for is there. */
export function holds(found: JsonObject, wished: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => {
    const wish = wished[name];
    return wish === undefined || same(found[name], wish);
  });
}

/**
 * The first of these members that has neither the value that the preview showed nor the one that is wished for: somebody
 * else changed it since.
 *
 * @param was undefined: nothing was previewed
 */
export function changedSince(
  found: JsonObject,
  { was, wished = {} }: { readonly was: JsonObject | undefined; readonly wished?: JsonObject },
  names: readonly string[],
): string | undefined {
  if (!was) return undefined;
  const isWished = (name: string) => wished[name] !== undefined && same(found[name], wished[name]);
  return names.find((name) => !same(found[name], was[name] ?? null) && !isWished(name));
}

export function sinceChanged(member: string): string {
  return `Its “${member}” is not what the preview showed any more: it was changed since, and was left as it is. Make a new plan.`;
}

/** Null is what absence is. */
export function same(found: JsonValue | undefined, wished: JsonValue): boolean {
  return JSON.stringify(found ?? null) === JSON.stringify(wished);
}

function unexpected(url: string, how: string): AppError {
  const address = url.split('?')[0]!;
  return new AppError('UNEXPECTED_ANSWER', `${address} answered ${how}.`, {
    remedy: 'Check that the addresses of this environment are those of OpenGate.',
    // The call itself went well: whether it did what it should is not known.
    details: { address, outcome: 'unknown', transient: false },
  });
}
