import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runSentence } from '../render/schedule.ts';
import { visible } from '../render/visible.ts';

/** As many as a person takes in before doing something else. */
const MOST = 3;

/** A backup that failed at night is told by day, whatever is done next, until somebody has said that they know. */
export async function warnOfFailedRuns(io: Io, client: EngineClient): Promise<void> {
  const failed = await client.schedules.failures();
  for (const { schedule, run } of failed.slice(0, MOST))
    io.warn(`The schedule ${visible(schedule)} ${runSentence(run)}`);
  if (failed.length === 0) return;
  const more = failed.length > MOST ? ` There are ${failed.length - MOST} more.` : '';
  io.warn(`To see them: ${io.self} schedule list. Known? ${io.self} schedule acknowledge.${more}`);
}
