import type { z } from 'zod';
import type { environmentUpdate } from '../../contract/environment.ts';
import type { Environment } from '../catalog/environments/settings.ts';

type Update = z.output<typeof environmentUpdate>;
type Kept = Update['keepCertificates'];

/** Puts stored certificates into channels that are given anew without them, as far as they are to stay. */
export function withKeptCertificates<T extends Pick<Update, 'api' | 'postgres'>>(
  stored: Pick<Environment, 'api' | 'postgres'>,
  given: T,
  kept: Kept = [],
): T {
  const { api, postgres } = given;
  const apiCa = kept.includes('api.ca') ? stored.api?.caPem : undefined;
  const { caPem, certPem } = stored.postgres?.tls ?? {};
  const tls = {
    ...(kept.includes('postgres.ca') && caPem !== undefined && { caPem }),
    ...(kept.includes('postgres.client') && certPem !== undefined && { certPem }),
    ...postgres?.tls,
  };
  return {
    ...given,
    ...(api && apiCa !== undefined && { api: { caPem: apiCa, ...api } }),
    ...(postgres && Object.keys(tls).length > 0 && { postgres: { ...postgres, tls } }),
  };
}
