import type { JobInput } from '../../contract/job.ts';
import type { Schedule } from '../catalog/schedules/schedule-store.ts';

/** What one run of a schedule does, in order; what follows one that did not end well is not begun. */
export function jobsOf({
  name,
  environment,
  realms,
  sections,
  credentials,
  tags,
  retention,
}: Schedule): JobInput[] {
  return [
    {
      kind: 'backup',
      environment,
      ...(realms && { realms }),
      ...(sections && { sections }),
      credentials,
      tags,
      note: `Schedule ${name}`,
    },
    ...(retention
      ? pruned(realms).map((realm): JobInput => ({
          kind: 'prune',
          environment,
          ...realm,
          policy: retention,
        }))
      : []),
  ];
}

/** Realm by realm where they are named: others of the environment are not this schedule's. */
function pruned(realms: readonly string[] | undefined): { readonly realm?: string }[] {
  return realms ? realms.map((realm) => ({ realm })) : [{}];
}
