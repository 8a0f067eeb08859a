import { Tooltip } from '@mantine/core';
import { ago, exactMoment, momentText } from './moments.ts';

/** A point in time: near ones as seen from now, the exact one when pointed at. */
export function Moment({ at, as = 'ago' }: { at: string; as?: 'ago' | 'date' }) {
  return (
    <Tooltip label={exactMoment(at)} openDelay={300} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at}>{as === 'ago' ? ago(at) : momentText(at)}</time>
    </Tooltip>
  );
}
