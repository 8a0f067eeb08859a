import { SECTION_WORDS } from './sections.ts';
import type { RetentionPolicy, RetentionReason } from './retention.ts';

/** Why a snapshot stays or goes: the same words in a window and in a terminal. */
export function reasonText(reason: RetentionReason): string {
  const having = (reason.having ?? []).map((section) => SECTION_WORDS[section][1]);
  return having.length === 0 ? ruleText(reason) : `${ruleText(reason)} with ${having.join(', ')}`;
}

function ruleText({ rule, period = '', by = '', until }: RetentionReason): string {
  const keptUntil = until === undefined ? '' : `, kept until ${until.slice(0, 10)}`;
  switch (rule) {
    case 'pinned':
      return 'pinned';
    case 'plan':
      return `plan ${by} needs it`;
    case 'job':
      return `job ${by} needs it`;
    case 'rollback':
      return `job ${by} is undone with it`;
    case 'last':
      return 'one of the last';
    case 'hourly':
      return `newest of hour ${period}`;
    case 'daily':
      return `newest of day ${period}`;
    case 'weekly':
      return `newest of week ${period}`;
    case 'monthly':
      return `newest of month ${period}`;
    case 'yearly':
      return `newest of year ${period}`;
    case 'within':
      return 'within the time to keep';
    case 'tag':
      return `tag ${period}`;
    case 'safety':
      return `taken before a job${keptUntil}`;
    case 'recent':
      return `taken around a job or a preview${keptUntil}`;
    case 'imported':
      return `imported from an archive${keptUntil}`;
    case 'future':
      return 'its time has not come: a clock was wrong';
    case 'unmatched':
      return 'no rule keeps it';
    case 'outlived':
      return 'taken around a job or a preview, long ago';
  }
}

/** What a policy keeps: "3 last, 7 daily, tagged release". */
export function policyText(policy: RetentionPolicy): string {
  const counts = [
    ['last', policy.keepLast],
    ['hourly', policy.keepHourly],
    ['daily', policy.keepDaily],
    ['weekly', policy.keepWeekly],
    ['monthly', policy.keepMonthly],
    ['yearly', policy.keepYearly],
  ] as const;
  return [
    ...counts.flatMap(([name, number]) => (number > 0 ? [`${number} ${name}`] : [])),
    ...(policy.keepWithin === undefined ? [] : [`all within ${policy.keepWithin}`]),
    ...(policy.keepTags.length === 0 ? [] : [`tagged ${policy.keepTags.join(', ')}`]),
  ].join(', ');
}
