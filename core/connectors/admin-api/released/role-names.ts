import { isAppError } from '../../../../contract/errors.ts';
import type { JsonObject } from '../../../model/record.ts';
import { isNotServed } from '../api-client.ts';
import { call, type Reading } from './reading.ts';
import { idOf, recordBodies } from './records.ts';

/** The roles of a realm as its server lists them; as many as there are roles, not users. */
export class RoleNames {
  readonly #reading: Reading;
  readonly #signal: AbortSignal;
  /** By id, those that were in an earlier list too: somebody may have one that is gone by now. */
  readonly #names = new Map<string, string>();
  /** By name, as last seen. */
  readonly #bodies = new Map<string, JsonObject>();
  #again: Promise<void> | undefined;

  private constructor(reading: Reading, signal: AbortSignal) {
    this.#reading = reading;
    this.#signal = signal;
  }

  /** @returns undefined where roles are not served @throws AppError */
  static async read(reading: Reading, signal: AbortSignal): Promise<RoleNames | undefined> {
    const roles = new RoleNames(reading, signal);
    try {
      await roles.#list();
      return roles;
    } catch (error) {
      // A gateway that was named and does not serve them is not to pass for none.
      if (namesGateway(reading) || !isAppError(error) || !isNotServed(error)) throw error;
      return undefined;
    }
  }

  /** Every role that was seen. */
  all(): JsonObject[] {
    return [...this.#bodies.values()];
  }

  /** Whether all of these are known, without asking again. */
  knows(ids: readonly string[]): boolean {
    return ids.every((id) => this.#names.has(id));
  }

  /** Names for ids. A role that is not in the list may have been created since: the list is read once more. */
  async namesOf(ids: readonly string[]): Promise<{ names: string[]; unknown: number }> {
    if (!this.knows(ids)) await (this.#again ??= this.#list());
    const names = ids.flatMap((id) => this.#names.get(id) ?? []);
    return { names, unknown: ids.length - names.length };
  }

  async #list(): Promise<void> {
    const { realm, tools } = this.#reading;
    const url = tools.endpoints.roles(realm);
    const answer = await call(this.#reading, `list the roles of realm “${realm}”`, url, this.#signal);
    for (const body of recordBodies('roles', realm, answer, url)) {
      const name = body['name'] as string;
      this.#names.set(idOf('roles', body, url), name);
      this.#bodies.set(name, body);
    }
  }
}

function namesGateway({ tools, realm }: Reading): boolean {
  return tools.endpoints.users(realm, 0, 1) !== undefined;
}
