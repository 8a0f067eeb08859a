import { InvalidArgumentError } from 'commander';
import { duration } from '../../contract/retention.ts';

/** For options that take a length of time. */
export function lengthOfTime(value: string): string {
  if (duration.safeParse(value).success) return value;
  throw new InvalidArgumentError(
    'It has to be a length of time, such as 90d, 12h, 2w or 1y6m: years, months, weeks, days and hours, in this order.',
  );
}
