import type { FaultHook } from '../../sandbox/index.ts';
import type { Line } from './line.ts';

/** A batch of users, as it arrives at the server. */
export const isUserImport = ({ path }: Parameters<FaultHook>[0]): boolean => path.endsWith('/users/import');

/** A plan that creates a copy of what was backed up of dev/acme as another realm of prod. @returns its id */
export async function planCopy(line: Line, realm: string): Promise<string> {
  const plan = await line.plan({
    source: 'latest:dev/acme',
    environment: 'prod',
    policy: { realmName: realm, clients: 'skip', conflicts: 'skip' },
  });
  if (plan.mode !== 'create' || plan.blocked) throw new Error(`It cannot be created: ${plan.mode}.`);
  return plan.plan;
}
