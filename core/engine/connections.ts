import { AppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import { createAdminApiConnector } from '../connectors/admin-api/index.ts';
import type { Connector } from '../connectors/connector.ts';

/** Opens a known environment's connector for the length of one piece of work. @throws AppError NOT_FOUND */
export async function withConnector<T>(
  catalog: Catalog,
  environment: string,
  work: (connector: Connector, environment: string) => Promise<T>,
): Promise<T> {
  const { name, api } = catalog.environments.get(environment);
  if (!api)
    throw new AppError('UNSUPPORTED_BY_ROUTE', `The environment “${name}” has no Admin API.`, {
      notChanged: 'Nothing was read or written.',
      remedy: 'Remove the environment and add it again with --api-url.',
    });
  const { clientSecret = '' } = catalog.environments.secrets(name);
  const connector = createAdminApiConnector({ name, ...api, clientSecret });
  try {
    return await work(connector, name);
  } finally {
    await connector.close();
  }
}
