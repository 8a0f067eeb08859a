import type { Databases, Session, Sessions } from '../databases.ts';
import { readDocument } from '../http/json-stream.ts';
import { invalid, json, type Reply } from '../http/reply.ts';
import type { Call } from '../http/router.ts';
import type { Mutex } from '../mutex.ts';
import { ElementChecker } from './checked-elements.ts';
import { withConflictsAs409 } from './conflicts.ts';
import { fieldErrors } from './field-errors.ts';
import { clientSchema, realmSchema, roleSchema, userSchema, type ImportedRealm } from './import-schemas.ts';
import { deleteRealm } from './realm-deletion.ts';
import { realmExists, realmNotFound } from './realms-api.ts';
import { isMasked } from './secrets.ts';
import { applyStagedClients, createClientStage, stageClients } from './staged-clients.ts';
import { applyStagedRoles, createRoleStage, stageRoles } from './staged-roles.ts';
import { applyStagedUsers, createUserStage, mapRoles, stageUsers } from './staged-users.ts';

export interface ImportService {
  readonly databases: Databases;
  /** One import, or deletion of a realm, is applied at a time; bodies are received side by side. */
  readonly writes: Mutex;
  readonly bcryptCost: number;
}

/**
 * `POST /admin/realms/import[?overwrite=true]`. The body is staged in temporary tables as it arrives and applied by
 * set-based statements, in one transaction per database: a request that fails leaves nothing behind.
 *
 * @throws Refusal 409 REALM_EXISTS, CLIENT_EXISTS or EMAIL_EXISTS; 400 with a list of fields
 */
export async function importRealm(service: ImportService, call: Call): Promise<Reply> {
  const overwrite = queryFlag(call, 'overwrite');
  const { databases, writes, bcryptCost } = service;
  await using transaction = await databases.begin(['realm', 'user', 'rbac', 'client']);
  const { sessions } = transaction;
  const realm = await receiveRealm(sessions, call, bcryptCost);
  return await writes.run(() =>
    withConflictsAs409(async () => {
      const existed = await exists(sessions.realm, realm.id);
      if (existed && !overwrite) throw realmExists(realm.id);
      if (existed) await deleteRealm(sessions, realm.id);
      await insertRealm(sessions.realm, realm);
      const clients = await applyStagedClients(sessions.client, realm.id);
      const roles = await applyStagedRoles(sessions.rbac, realm.id);
      const users = await applyStagedUsers(sessions.user, realm.id, { merge: false, bcryptCost });
      const names = [...roles, ...(await mapRoles(sessions, realm.id, false))];
      await transaction.commit();
      return json(existed ? 200 : 201, {
        realm: realm.id,
        roles: { created: names.length, names },
        clients: { created: clients },
        users,
      });
    }),
  );
}

/**
 * `POST /admin/realms/{realm}/users/import[?mergeUsers=true]`.
 *
 * @throws Refusal 404 REALM_NOT_FOUND, 409 EMAIL_EXISTS, 400 with a list of fields
 */
export async function importUsers(service: ImportService, call: Call): Promise<Reply> {
  const merge = queryFlag(call, 'mergeUsers');
  const realm = call.parameters['realm'] ?? '';
  const { databases, writes, bcryptCost } = service;
  await using transaction = await databases.begin(['realm', 'user', 'rbac']);
  const { sessions } = transaction;
  // Asked before a long upload, and again when nobody else can delete it.
  if (!(await exists(sessions.realm, realm))) throw realmNotFound(realm);
  await receiveUsers(sessions.user, call);
  return await writes.run(() =>
    withConflictsAs409(async () => {
      if (!(await exists(sessions.realm, realm))) throw realmNotFound(realm);
      const users = await applyStagedUsers(sessions.user, realm, { merge, bcryptCost });
      const names = await mapRoles(sessions, realm, merge);
      await transaction.commit();
      return json(200, { realm, roles: { created: names.length, names }, users });
    }),
  );
}

async function receiveRealm(sessions: Sessions, call: Call, bcryptCost: number): Promise<ImportedRealm> {
  await createUserStage(sessions.user);
  await createRoleStage(sessions.rbac);
  await createClientStage(sessions.client);
  const checker = new ElementChecker();
  const { objects } = await readDocument(
    call.request,
    { objects: ['realm'], arrays: ['roles', 'clients', 'users'] },
    async (member, elements) => {
      if (member === 'roles') await stageRoles(sessions.rbac, checker.check(roleSchema, member, elements));
      else if (member === 'clients')
        await stageClients(sessions.client, checker.check(clientSchema, member, elements), bcryptCost);
      else await stageUsers(sessions.user, checker.check(userSchema, member, elements));
    },
  );
  const realm = realmSchema.safeParse(objects.get('realm'));
  if (!realm.success)
    checker.add(
      objects.has('realm')
        ? fieldErrors(realm.error, ['realm'])
        : [{ field: 'realm', message: 'is required' }],
    );
  checker.finish();
  return realm.data!;
}

async function receiveUsers(session: Session, call: Call): Promise<void> {
  await createUserStage(session);
  const checker = new ElementChecker();
  const shape = { objects: [], arrays: ['users'] };
  const { names } = await readDocument(call.request, shape, (member, elements) =>
    stageUsers(session, checker.check(userSchema, member, elements)),
  );
  if (!names.has('users')) checker.add([{ field: 'users', message: 'is required' }]);
  checker.finish();
}

async function exists(session: Session, realm: string): Promise<boolean> {
  return (await session.query('SELECT FROM realms WHERE name = $1', [realm])).length > 0;
}

async function insertRealm(session: Session, realm: ImportedRealm): Promise<void> {
  await session.execute(
    `INSERT INTO realms (name, display_name, login_theme, token_lifespan_seconds, refresh_token_lifespan_seconds,
                         mfa_required, password_policy, smtp_settings, enabled)
     VALUES ($1, $2, coalesce($3, 'default'), coalesce($4, 300), coalesce($5, 2592000), coalesce($6, false), $7, $8,
             coalesce($9, true))`,
    [
      realm.id,
      realm.displayName,
      realm.loginTheme,
      realm.accessTokenLifespan,
      realm.refreshTokenLifespan,
      realm.mfaRequired,
      columnText(realm.passwordPolicy),
      columnText(withoutMaskedPassword(realm.smtpConfig)),
      realm.enabled,
    ],
  );
}

/** The two columns hold JSON as text. */
function columnText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function withoutMaskedPassword(smtp: ImportedRealm['smtpConfig']): unknown {
  if (!smtp || typeof smtp['password'] !== 'string' || !isMasked(smtp['password'])) return smtp;
  const { password: _masked, ...rest } = smtp;
  return rest;
}

function queryFlag(call: Call, name: string): boolean {
  const value = call.query.get(name) ?? 'false';
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw invalid([{ field: name, message: 'must be true or false' }]);
}
