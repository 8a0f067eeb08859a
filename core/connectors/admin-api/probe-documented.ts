import type { Dialect } from './dialect.ts';
import type { ProbeSteps } from './probe-steps.ts';

export const DOCUMENTED_STEPS = ['Export', 'Rights', 'Reading', 'Writing'];

export interface DialectProbe {
  readonly dialect: Dialect;
  /** To try things on; empty: none is known. */
  readonly realms: readonly string[];
  readonly steps: ProbeSteps;
  readonly signal: AbortSignal;
}

/** @returns whether an export was seen to come */
export async function probeDocumented(probe: DialectProbe): Promise<boolean> {
  const { steps } = probe;
  const exported = await tryExport(probe);
  steps.rights('rights to import show only when used.');
  steps.note(
    'Reading',
    'ok',
    'A realm comes with its roles, clients and users. Not told: groups, policies, password hashes, social links; client secrets are hidden.',
  );
  steps.note(
    'Writing',
    'skipped',
    'Not tried: it would write. An import creates realms whole, and users in a realm that exists; there is no way to delete one record.',
  );
  return exported;
}

async function tryExport({ dialect, realms: [realm], steps, signal }: DialectProbe): Promise<boolean> {
  if (realm === undefined) {
    steps.note('Export', 'skipped', 'Not tried: no realm is known to try it on.');
    return true;
  }
  return await steps.try('Export', async () => {
    // The first batch is enough; leaving the loop drops the connection.
    for await (const _batch of dialect.capture(realm, {}, signal).batches) break;
    return ['ok', `Realm “${realm}” can be exported (no more than its beginning was fetched).`];
  });
}
