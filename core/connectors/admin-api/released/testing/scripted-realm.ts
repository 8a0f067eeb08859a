import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ApiClient } from '../../api-client.ts';
import { RealmList } from '../../realm-list.ts';
import {
  quickSettings,
  sendJson,
  sendToken,
  startScripted,
  type Asked,
} from '../../testing/scripted-server.ts';
import { baseUrls } from '../../settings.ts';
import { tokenPlaces } from '../../token-places.ts';
import { releasedEndpoints } from '../endpoints.ts';
import type { ReleasedTools } from '../tools.ts';

/** What the Admin API of release v1.1.0 can pass on. */
const MOST_BYTES = 256 * 1024;

export interface ScriptedUser {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A realm behind the gateway and Admin API of release v1.1.0, in memory; a test may change anything while it is read. */
export interface ScriptedRealm {
  readonly tools: ReleasedTools;
  readonly asked: Asked[];
  users: ScriptedUser[];
  /** Id → name. */
  roles: Map<string, string>;
  clients: Record<string, unknown>[];
  realms: Record<string, unknown>[];
  /** The users in the order in which a page is cut from them. */
  order: (users: readonly ScriptedUser[]) => readonly ScriptedUser[];
  /** Asked before anything is answered: true if it has answered itself. */
  meddle: (asked: Asked, response: ServerResponse) => boolean | Promise<boolean>;
  /** Mapping calls under way now, and at most. */
  readonly underWay: { now: number; most: number };
  close(): Promise<void>;
}

export const REALM = 'acme';

/** The same for the same words. */
export function uuid(...words: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function someUsers(count: number): ScriptedUser[] {
  return Array.from({ length: count }, (_, i) => ({
    id: uuid('user', i),
    username: `user-${i}`,
    roles:
      i % 3 === 0
        ? [uuid('role', 'admin'), uuid('role', 'viewer')]
        : i % 3 === 1
          ? [uuid('role', 'viewer')]
          : [],
  }));
}

export async function startRealm({
  gateway = true,
}: { readonly gateway?: boolean } = {}): Promise<ScriptedRealm> {
  const answer = async (
    asked: Asked,
    response: ServerResponse,
    through: 'admin' | 'gateway',
  ): Promise<void> => {
    if (sendToken(asked, response) || (await realm.meddle(asked, response))) return;
    const url = new URL(asked.path, 'http://any');
    const found = answerOf(realm, url, through);
    if (url.pathname.endsWith('/role-mappings')) {
      realm.underWay.most = Math.max(realm.underWay.most, ++realm.underWay.now);
      await new Promise(setImmediate);
      realm.underWay.now--;
    }
    const tooLarge = through === 'admin' && JSON.stringify(found ?? null).length > MOST_BYTES;
    if (found === 'not served')
      sendJson(response, 404, { status: 404, error: 'Not Found', path: url.pathname });
    else if (found === undefined || tooLarge)
      sendJson(response, 500, { status: 500, error: 'Internal Server Error' });
    else sendJson(response, 200, found);
  };
  const admin = await startScripted((asked, response) => answer(asked, response, 'admin'));
  const door = gateway
    ? await startScripted((asked, response) => answer(asked, response, 'gateway'))
    : undefined;
  const settings = {
    ...quickSettings(admin.url),
    ...(door && { gatewayUrl: door.url }),
    authUrl: `${admin.url}/realms/master/protocol/openid-connect/token`,
  };
  const bases = baseUrls(settings);
  const client = new ApiClient(settings, tokenPlaces(bases));
  const realm: ScriptedRealm = {
    tools: {
      client,
      endpoints: releasedEndpoints(bases),
      realms: new RealmList(client, [`${bases.api}/admin/realms`]),
      settings: { limits: { concurrency: 8 } },
    },
    get asked() {
      return [...admin.asked, ...(door?.asked ?? [])];
    },
    users: someUsers(20),
    roles: new Map(['admin', 'viewer', 'idle'].map((name) => [uuid('role', name), name])),
    clients: [
      {
        id: uuid('client'),
        realmName: REALM,
        clientId: 'client-1',
        name: 'Web',
        description: null,
        redirectUris: ['x'],
        grantTypes: null,
        scopes: [],
        publicClient: false,
        pkceRequired: true,
        enabled: true,
        createdAt: '2025-01-01T00:00:00.500Z',
      },
    ],
    realms: [
      {
        id: uuid('realm'),
        name: REALM,
        displayName: 'Acme',
        loginTheme: 'default',
        tokenLifespanSeconds: 300,
        refreshTokenLifespanSeconds: 600,
        mfaRequired: false,
        enabled: true,
        createdAt: '2025-01-01T00:00:00Z',
        updatedAt: '2025-01-01T00:00:00.120Z',
      },
    ],
    order: (users) => users,
    meddle: () => false,
    underWay: { now: 0, most: 0 },
    async close() {
      await client.close();
      await door?.close();
      await admin.close();
    },
  };
  return realm;
}

/** Undefined: there is no such thing. */
function answerOf(realm: ScriptedRealm, url: URL, through: 'admin' | 'gateway'): unknown {
  const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const users = (name: string | null | undefined) =>
    pageOf(realm, name === REALM ? realm.users : [], url.searchParams);
  if (path[0] === 'admin' && path[1] === 'realms') {
    const [, , name, what, id] = path;
    if (name === undefined) return realm.realms;
    if (what === undefined) return realm.realms.find((each) => each['name'] === name);
    if (what === 'clients') return name === REALM ? realm.clients : [];
    if (what === 'users')
      return id === undefined ? users(name) : userAnswer(realm.users.find((user) => user.id === id));
  }
  if (through === 'admin') return 'not served';
  if (path[0] === 'api' && path[1] === 'users') {
    return path[2] === undefined
      ? users(url.searchParams.get('realm'))
      : (userAnswer(realm.users.find(({ id }) => id === path[2])) ?? 'not served');
  }
  if (path[0] === 'api' && path[1] === 'realms') {
    const [, , name, what, id] = path;
    if (what === 'clients') return name === REALM ? realm.clients : [];
    if (what === 'roles')
      return [...realm.roles].map(([id, role]) => ({
        id,
        realmName: name,
        name: role,
        description: null,
        composite: false,
        createdAt: '2025-01-01T00:00:00Z',
      }));
    if (what === 'users' && path[5] === 'role-mappings')
      return realm.users.find((user) => user.id === id)?.roles ?? [];
  }
  return 'not served';
}

function pageOf(realm: ScriptedRealm, users: readonly ScriptedUser[], query: URLSearchParams): unknown {
  const [page, size] = [Number(query.get('page')), Number(query.get('size'))];
  return {
    content: realm
      .order(users)
      .slice(page * size, (page + 1) * size)
      .map(userAnswer),
    page,
    size,
    totalElements: users.length,
    totalPages: Math.ceil(users.length / size),
  };
}

function userAnswer(user: ScriptedUser | undefined): unknown {
  if (user === undefined) return undefined;
  const { id, username, more } = user;
  return {
    id,
    realmName: REALM,
    username,
    email: `${username}@acme.example`,
    firstName: null,
    lastName: 'L',
    enabled: true,
    emailVerified: false,
    createdAt: '2025-01-01T00:00:00.123456789Z',
    updatedAt: '2025-01-01T00:00:00Z',
    ...more,
  };
}
