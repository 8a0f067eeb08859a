import type { JsonObject } from '../../../model/record.ts';
import type { ApplyItem } from '../../connector.ts';
import { userJson } from './import-body.ts';

/** One import call stays below this, in bytes: servers and proxies in front of them limit bodies. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

export type UserAction = 'create' | 'update';

export interface BatchedUser {
  readonly key: string;
  /** As the import wants it, JSON. */
  readonly json: string;
}

export interface UserBatch {
  readonly action: UserAction;
  readonly users: readonly BatchedUser[];
  /** Number of the first user among those of the same action, from 1. */
  readonly from: number;
  /** Roles that come into being because these users carry them. */
  readonly newRoles: readonly string[];
}

/**
 * Collects users into bounded batches of one action each. Which batch a user falls into depends on the users before
 * it only, never on how they arrive, so that a resumed job sees the same batches.
 */
export class UserBatcher {
  readonly #batchSize: number;
  readonly #collecting: Readonly<Record<UserAction, Collecting>> = {
    create: new Collecting('create'),
    update: new Collecting('update'),
  };
  /** Roles that exist only once a user carries them. */
  readonly #awaitedRoles = new Set<string>();

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  /** Announces a role that is to be created by the first user that carries it. */
  awaitRole(name: string): void {
    this.#awaitedRoles.add(name);
  }

  /** @returns a batch that is full without this user, if there is one */
  add(item: ApplyItem & { readonly action: UserAction }): UserBatch | undefined {
    const collecting = this.#collecting[item.action];
    const json = userJson(item.body);
    const full =
      collecting.users.length >= this.#batchSize ||
      (collecting.users.length > 0 && collecting.bytes + Buffer.byteLength(json) > MAX_BATCH_BYTES)
        ? collecting.take()
        : undefined;
    collecting.add({ key: item.key, json }, this.#rolesMadeBy(item.body));
    return full;
  }

  /** What is left, and the roles that no user carries. */
  finish(): { readonly batches: readonly UserBatch[]; readonly rolesLeft: readonly string[] } {
    const rest = [this.#collecting.create, this.#collecting.update].filter((each) => each.users.length > 0);
    return { batches: rest.map((each) => each.take()), rolesLeft: [...this.#awaitedRoles] };
  }

  #rolesMadeBy(user: JsonObject): string[] {
    const roles = user['roles'];
    if (this.#awaitedRoles.size === 0 || !Array.isArray(roles)) return [];
    return roles.filter(
      (role): role is string => typeof role === 'string' && this.#awaitedRoles.delete(role),
    );
  }
}

class Collecting {
  readonly #action: UserAction;
  #from = 1;
  #newRoles: string[] = [];
  users: BatchedUser[] = [];
  bytes = 0;

  constructor(action: UserAction) {
    this.#action = action;
  }

  add(user: BatchedUser, newRoles: readonly string[]): void {
    this.users.push(user);
    this.bytes += Buffer.byteLength(user.json) + 1;
    this.#newRoles.push(...newRoles);
  }

  take(): UserBatch {
    const batch = { action: this.#action, users: this.users, from: this.#from, newRoles: this.#newRoles };
    this.#from += this.users.length;
    this.users = [];
    this.#newRoles = [];
    this.bytes = 0;
    return batch;
  }
}
