import { expect } from 'vitest';
import type { EnvironmentHandle } from '../index.ts';
import { AdminClient, type Answer } from './admin-client.ts';

/** A server on which imports are tried, and what is asked of it before and after. */
export class ImportBench {
  readonly server: EnvironmentHandle;
  readonly client: AdminClient;

  constructor(server: EnvironmentHandle) {
    this.server = server;
    this.client = new AdminClient(server);
  }

  importRealm(body: unknown, query = ''): Promise<Answer> {
    return this.client.post(`/admin/realms/import${query}`, body);
  }

  importUsers(users: unknown, query = '', realm = 'shop'): Promise<Answer> {
    return this.client.post(`/admin/realms/${realm}/users/import${query}`, { users });
  }

  /** Leaves the realm `master` only. */
  async clear(): Promise<void> {
    for (const { name } of await this.server.query<{ name: string }>('realm', 'SELECT name FROM realms'))
      if (name !== 'master') await this.client.delete(`/api/realms/${name}`);
  }

  /** All that the server has of all realms, ids and times included: equal before and after means untouched. */
  async everything(): Promise<unknown> {
    const tables = [
      ['realm', 'realms'],
      ['user', 'users'],
      ['user', 'user_credentials'],
      ['rbac', 'roles'],
      ['rbac', 'user_role_mappings'],
      ['client', 'oauth_clients'],
    ] as const;
    return Promise.all(
      tables.map(([database, table]) => this.server.query(database, `SELECT * FROM ${table} ORDER BY id`)),
    );
  }
}

/** The attempt is answered with this, and nothing on the server has changed. */
export async function expectRefused(
  bench: ImportBench,
  attempt: () => Promise<Answer>,
  status: number,
  body: object,
): Promise<void> {
  const before = await bench.everything();
  expect(await attempt()).toMatchObject({ status, body });
  expect(await bench.everything()).toEqual(before);
}

/** A user with a user name and an e-mail, as imports take them. */
export function user(username: string, more: object = {}): Record<string, unknown> {
  return { username, email: `${username}@example.com`, ...more };
}
