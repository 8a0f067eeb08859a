import { isAppError } from '../../../contract/errors.ts';
import { isJsonObject, type JsonValue } from '../../model/record.ts';
import type { Verdict } from '../probe-verdict.ts';
import type { ApiClient } from './api-client.ts';
import { GATEWAY_NEEDED } from './dialects.ts';
import type { DialectProbe } from './probe-documented.ts';
import { releasedEndpoints, type ReleasedEndpoints } from './released/endpoints.ts';
import type { BaseUrls } from './settings.ts';

export const RELEASED_STEPS = [
  'Gateway',
  'Users',
  'Roles',
  'Role mappings',
  'Clients',
  'Rights',
  'Reading',
  'Writing',
];

/** Users a page, the largest first: the Admin API passes on no more than 256 KB. */
const PAGE_SIZES = [1000, 500, 250, 100, 20] as const;

/** Realms that are looked at for how many users they have. */
const MOST_REALMS = 10;

const count = new Intl.NumberFormat('en-US');

interface ReleasedProbe extends DialectProbe {
  readonly client: ApiClient;
  readonly bases: BaseUrls;
}

/** What release v1.1.0 serves where, tried on one realm. */
export async function probeReleased(probe: ReleasedProbe): Promise<void> {
  await new ReleasedLook(probe).run();
}

class ReleasedLook {
  readonly #probe: ReleasedProbe;
  readonly #endpoints: ReleasedEndpoints;
  #someUser: string | undefined;
  #users = 0;

  constructor(probe: ReleasedProbe) {
    this.#probe = probe;
    this.#endpoints = releasedEndpoints(probe.bases);
  }

  async run(): Promise<void> {
    const { steps, bases } = this.#probe;
    const realm = await this.#largestRealm();
    const gateway = bases.gatewayNamed;
    if (gateway) steps.note('Gateway', 'ok', `${bases.gateway} serves users, roles and clients.`);
    else steps.note('Gateway', 'finding', GATEWAY_NEEDED);
    if (realm === undefined) {
      for (const name of ['Users', 'Roles', 'Role mappings', 'Clients'])
        steps.note(name, 'skipped', 'Not tried: no realm is known to try it on.');
    } else {
      await steps.try('Users', async () =>
        gateway ? await this.#userList(realm) : await this.#pages(realm),
      );
      if (gateway) {
        await steps.try('Roles', async () => [
          'ok',
          `${await this.#size(this.#endpoints.roles(realm), 'roles')} in realm “${realm}”.`,
        ]);
        await this.#mappings(realm);
      } else
        for (const name of ['Roles', 'Role mappings'])
          steps.note(name, 'skipped', 'Not served without the gateway: they stay unknown.');
      const clients = gateway ? this.#endpoints.clients(realm) : this.#endpoints.adminClients(realm);
      await steps.try('Clients', async () => [
        'ok',
        `${await this.#size(clients, 'clients')} in realm “${realm}”.`,
      ]);
    }
    steps.rights('rights to write show only when used.');
    this.#told(gateway);
  }

  /** Of the first few: what one page of users comes to shows where there are many. */
  async #largestRealm(): Promise<string | undefined> {
    let [largest] = this.#probe.realms;
    let most = -1;
    for (const realm of this.#probe.realms.slice(0, MOST_REALMS)) {
      const url = this.#endpoints.users(realm, 0, 1) ?? this.#endpoints.adminUsers(realm, 0, 1);
      const answer = await this.#get(url, 'list users').catch((error: unknown) => {
        // Whatever is wrong is met again, and told, where it is a step of its own.
        if (isAppError(error) && error.code !== 'CANCELED') return undefined;
        throw error;
      });
      const total = isJsonObject(answer) ? Number(answer['totalElements']) : 0;
      if (total > most) [largest, most] = [realm, total];
    }
    return largest;
  }

  async #userList(realm: string): Promise<Verdict> {
    const total = this.#keep(await this.#get(this.#endpoints.users(realm, 0, 1)!, 'list users'));
    return ['ok', `${count.format(total)} in realm “${realm}”; the gateway passes on pages of any size.`];
  }

  /** The largest page that the Admin API passes on. */
  async #pages(realm: string): Promise<Verdict> {
    const tooLarge: number[] = [];
    for (const size of PAGE_SIZES) {
      try {
        const url = this.#endpoints.adminUsers(realm, 0, size);
        const total = this.#keep(await this.#get(url, 'list users', size > 20));
        const users = `${count.format(total)} in realm “${realm}”`;
        if (tooLarge.length === 0) return ['ok', `${users}; a page of ${count.format(size)} goes through.`];
        return [
          'finding',
          `${users}; the Admin API answers 500 to a page of ${count.format(tooLarge.at(-1)!)} (it passes on 256 KB at most), one of ${count.format(size)} goes through. That costs calls: a gateway has no such limit.`,
        ];
      } catch (error) {
        if (!isAppError(error, 'SERVER_ERROR') || error.details['status'] !== 500 || size === 20) throw error;
        tooLarge.push(size);
      }
    }
    return ['failed', 'No page of users goes through.'];
  }

  #keep(answer: JsonValue | undefined): number {
    const page = isJsonObject(answer) ? answer : {};
    const first = Array.isArray(page['content']) ? page['content'][0] : undefined;
    if (isJsonObject(first) && typeof first['id'] === 'string') this.#someUser = first['id'];
    this.#users = Number(page['totalElements'] ?? 0);
    return this.#users;
  }

  async #mappings(realm: string): Promise<void> {
    const { steps } = this.#probe;
    const user = this.#someUser;
    if (user === undefined) {
      steps.note('Role mappings', 'skipped', 'Not tried: no user is known to try it on.');
      return;
    }
    await steps.try('Role mappings', async () => {
      await this.#size(this.#endpoints.roleMappings(realm, user), 'role mappings');
      const calls = `${count.format(this.#users)} ${this.#users === 1 ? 'call' : 'calls'}`;
      return ['ok', `Served one user at a time: a backup of realm “${realm}” takes ${calls} for them.`];
    });
  }

  async #size(url: string, what: string): Promise<string> {
    const answer = await this.#get(url, `list ${what}`);
    return count.format(Array.isArray(answer) ? answer.length : 0);
  }

  async #get(url: string, to: string, mayBeTooLarge = false): Promise<JsonValue | undefined> {
    const { client, signal } = this.#probe;
    return await client.json({
      method: 'GET',
      url,
      purpose: { to, notChanged: 'Nothing was changed.' },
      repeatable: true,
      ...(mayBeTooLarge ? { serverErrors: 'throw' as const } : {}),
      signal,
    });
  }

  #told(gateway: boolean): void {
    const { steps } = this.#probe;
    const users = gateway ? 'users with their roles, roles' : 'users without their roles';
    steps.note(
      'Reading',
      'ok',
      `Settings of the realm, ${users}, and clients are read one by one. Not told: groups, policies, password hashes, social links; a realm’s password policy and mail settings; a client’s web origins and secret.`,
    );
    steps.note(
      'Writing',
      'skipped',
      `Not tried: it would write. Realms and users can be created, changed and deleted${gateway ? ', roles created and given' : ''}. A client gets an id and a secret of the server’s own; “emailVerified” and a realm’s “enabled” cannot be set. Where that is not enough, give the databases too (--pg-url).`,
    );
  }
}
