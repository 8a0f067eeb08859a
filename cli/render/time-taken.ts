import { seconds } from './numbers.ts';

/** How long it took; empty while it runs, and where the clock was set back meanwhile. */
export function timeTaken({
  startedAt,
  finishedAt,
}: {
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
}): string {
  if (startedAt === undefined || finishedAt === undefined) return '';
  const milliseconds = Date.parse(finishedAt) - Date.parse(startedAt);
  return milliseconds < 0 ? '' : seconds(milliseconds);
}
