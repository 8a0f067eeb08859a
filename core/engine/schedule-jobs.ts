import type { JobInput } from '../../contract/job.ts';
import type { Schedule } from '../catalog/schedules/schedule-store.ts';

/** What one run of a schedule does, in order; what follows a job that failed is not begun. */
export function jobsOf({ name, environment, realms, sections, credentials, tags }: Schedule): JobInput[] {
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
  ];
}
