import type { ScheduleRun, ScheduleView } from '../../../contract/schedule.ts';

export function whatOf({ environment, realms }: Pick<ScheduleView, 'environment' | 'realms'>): string {
  return `${environment}: ${realms ? realms.join(', ') : 'every realm'}`;
}

/** How a run ended: a word, and a colour that says it again. */
export const RUN_LOOKS: Readonly<Record<ScheduleRun['state'], readonly [text: string, color: string]>> = {
  running: ['running', 'moat'],
  succeeded: ['succeeded', 'moss'],
  unchanged: ['nothing new', 'moss'],
  succeeded_with_errors: ['with errors', 'amber'],
  failed: ['failed', 'brick'],
  canceled: ['canceled', 'amber'],
  interrupted: ['broken off', 'brick'],
};
