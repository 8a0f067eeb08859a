import { toString as inWords } from 'cronstrue';

/**
 * A cron expression in words ("At 02:00, every day"). Where both the day of the month and that of the week are named, either
 * is enough, which is said.
 *
 * @throws Error when it is none
 */
export function cronInWords(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  const [minute, hour, day = '*', month, weekday = '*'] = fields;
  if (fields.length !== 5 || isAny(day) || isAny(weekday)) return words(cron);
  const time = words(`${minute} ${hour} * * *`).replace(/, every day$/, '');
  const months = words(`0 0 1 ${month} *`).slice(words('0 0 1 * *').length);
  return `${time}, ${dayOf(`0 0 ${day} * *`)}, or ${dayOf(`0 0 * * ${weekday}`)}${months}`;
}

function dayOf(cron: string): string {
  return words(cron).replace(/^At 00:00, (?:only )?/, '');
}

/** As cron has it, and what runs the schedules: only a field that names no day at all is not asked. */
function isAny(field: string): boolean {
  return /^[*?]$/.test(field);
}

function words(cron: string): string {
  return inWords(cron, { use24HourTimeFormat: true, verbose: true });
}
