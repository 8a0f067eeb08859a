import { counted } from '../../design/moments.ts';

const UNITS: Readonly<Record<string, string>> = { y: 'year', m: 'month', w: 'week', d: 'day', h: 'hour' };

/** "14d" as people say it: "14 days". */
export function spelled(duration: string): string {
  return [...duration.matchAll(/(\d+)([ymwdh])/g)]
    .map(([, number = '', unit = '']) => counted(Number(number), UNITS[unit] ?? unit))
    .join(' and ');
}
