import type { EnvironmentView } from '../../contract/environment.ts';
import type { Environment } from '../catalog/environments/settings.ts';

/** An environment as the contract shows it: no secret, and of the private CA only that there is one. */
export function environmentView({ name, stage, api, createdAt }: Environment): EnvironmentView {
  return {
    name,
    stage,
    api: {
      apiUrl: api?.apiUrl ?? '',
      ...(api?.authUrl !== undefined && { authUrl: api.authUrl }),
      ...(api?.gatewayUrl !== undefined && { gatewayUrl: api.gatewayUrl }),
      clientId: api?.clientId ?? '',
      privateCa: api?.caPem !== undefined,
      insecureTls: api?.insecureTls ?? false,
    },
    createdAt,
  };
}
