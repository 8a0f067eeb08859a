import { MOST_MISSED, type ScheduleRun, type ScheduleView } from '../../../contract/schedule.ts';
import { counted } from '../../design/moments.ts';

export function whatOf({ environment, realms }: Pick<ScheduleView, 'environment' | 'realms'>): string {
  return `${environment}: ${realms ? realms.join(', ') : 'every realm'}`;
}

/** Beyond a number they are not counted. @param what "time", of which there are several */
export function missedText(number: number, what: string): string {
  return number > MOST_MISSED ? `more than ${counted(MOST_MISSED, what)}` : counted(number, what);
}

/** How a run ended: a word, and a colour that says it again. */
export const RUN_LOOKS: Readonly<Record<ScheduleRun['state'], readonly [text: string, color: string]>> = {
  running: ['running', 'moat'],
  succeeded: ['done', 'moss'],
  unchanged: ['nothing new', 'moss'],
  succeeded_with_errors: ['done, with failures', 'amber'],
  failed: ['failed', 'brick'],
  canceled: ['canceled', 'amber'],
  interrupted: ['broken off', 'brick'],
};
