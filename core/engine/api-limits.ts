import type { Environment } from '../catalog/environments/settings.ts';

type Api = Pick<NonNullable<Environment['api']>, 'concurrency' | 'limits'>;

/** Gentle where people work: a backup of production is not to be felt there. */
const BY_STAGE = {
  development: { concurrency: 16, requestsPerSecond: 0 },
  staging: { concurrency: 16, requestsPerSecond: 0 },
  production: { concurrency: 4, requestsPerSecond: 50 },
} as const satisfies Readonly<Record<Environment['stage'], object>>;

/** How hard an Admin API may be asked: what was set, else what goes without saying on its stage. */
export function limitsInForce(
  stage: Environment['stage'],
  { concurrency, limits }: Api,
): { readonly concurrency: number; readonly requestsPerSecond?: number } {
  const usual = BY_STAGE[stage];
  const rate = limits?.requestsPerSecond ?? usual.requestsPerSecond;
  return {
    concurrency: limits?.concurrency ?? concurrency ?? usual.concurrency,
    ...(rate > 0 && { requestsPerSecond: rate }),
  };
}
