import type { Databases } from '../databases.ts';
import type { Call, Route } from '../http/router.ts';
import type { Piece, Reply } from '../http/reply.ts';
import type { Tokens } from '../http/tokens.ts';
import { exportClients, exportRealm, exportRoles, exportUsers } from './exports.ts';
import { importRealm, importUsers, type ImportService } from './imports.ts';
import { createRealm, getRealm, listRealms, removeRealm, updateRealm } from './realms-api.ts';
import { issueToken } from './token-endpoint.ts';

export interface Service extends ImportService {
  readonly tokens: Tokens;
}

/** OpenGate as its documentation describes it: the Import/Export and the Realms API page. */
export function documentedRoutes(service: Service): readonly Route[] {
  const { databases, tokens, writes } = service;
  const admin = (method: Route['method'], path: string, handle: Route['handle']): Route => ({
    method,
    path,
    access: 'admin',
    handle,
  });
  const exported =
    (pieces: (databases: Databases, realm: string) => AsyncIterable<Piece>) =>
    async (call: Call): Promise<Reply> => ({
      status: 200,
      body: pieces(databases, call.parameters['realm'] ?? ''),
    });
  return [
    {
      method: 'POST',
      path: '/realms/{realm}/protocol/openid-connect/token',
      access: 'public',
      handle: (call) => issueToken(tokens, call),
    },
    admin('GET', '/api/realms', (call) => listRealms(databases, call)),
    admin('POST', '/api/realms', (call) => createRealm(databases, call)),
    admin('GET', '/api/realms/{realm}', (call) => getRealm(databases, call)),
    admin('PUT', '/api/realms/{realm}', (call) => updateRealm(databases, call)),
    admin('DELETE', '/api/realms/{realm}', (call) => removeRealm(databases, writes, call)),
    admin('GET', '/admin/realms/{realm}/export', exported(exportRealm)),
    admin('GET', '/admin/realms/{realm}/users/export', exported(exportUsers)),
    admin('GET', '/admin/realms/{realm}/roles/export', exported(exportRoles)),
    admin('GET', '/admin/realms/{realm}/clients/export', exported(exportClients)),
    admin('POST', '/admin/realms/import', (call) => importRealm(service, call)),
    admin('POST', '/admin/realms/{realm}/users/import', (call) => importUsers(service, call)),
  ];
}
