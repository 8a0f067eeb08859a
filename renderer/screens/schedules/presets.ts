export interface Preset {
  readonly name: string;
  readonly cron: string;
}

/** What most want; everything else is written as an expression. */
export const PRESETS: readonly Preset[] = [
  { name: 'Every night at two', cron: '0 2 * * *' },
  { name: 'Every hour', cron: '0 * * * *' },
  { name: 'Every hour of the working day', cron: '0 8-18 * * 1-5' },
  { name: 'Every Sunday at three', cron: '0 3 * * 0' },
  { name: 'On the first of each month', cron: '0 4 1 * *' },
];
