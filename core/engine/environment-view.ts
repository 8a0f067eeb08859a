import type { EnvironmentView } from '../../contract/environment.ts';
import type { Environment } from '../catalog/environments/settings.ts';
import { limitsInForce } from './api-limits.ts';

/** An environment as the contract shows it: no secret, and of certificates only that there are some. */
export function environmentView({
  name,
  stage,
  api,
  postgres,
  secretStates,
  seen,
  createdAt,
}: Environment): EnvironmentView {
  return {
    name,
    stage,
    ...(api && {
      api: {
        apiUrl: api.apiUrl,
        ...(api.authUrl !== undefined && { authUrl: api.authUrl }),
        ...(api.gatewayUrl !== undefined && { gatewayUrl: api.gatewayUrl }),
        clientId: api.clientId,
        privateCa: api.caPem !== undefined,
        insecureTls: api.insecureTls ?? false,
        scopes: [...(api.scopes ?? [])],
        limits: { ...api.limits },
        limitsInForce: limitsView(limitsInForce(stage, api)),
      },
    }),
    ...(postgres && {
      postgres: {
        url: postgres.url,
        databases: { ...postgres.databases },
        password: secretStates.postgresPassword === 'present',
        passwords: [...(secretStates.postgresPasswords ?? [])],
        tls: {
          ...(postgres.tls?.mode !== undefined && { mode: postgres.tls.mode }),
          privateCa: postgres.tls?.caPem !== undefined,
          clientCertificate: postgres.tls?.certPem !== undefined,
        },
        timeouts: { ...postgres.timeouts },
      },
    }),
    ...(seen && { lastSeen: seen }),
    createdAt,
  };
}

function limitsView({ concurrency, requestsPerSecond }: ReturnType<typeof limitsInForce>) {
  return { concurrency, requestsPerSecond: requestsPerSecond ?? null };
}
