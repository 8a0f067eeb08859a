import { listed } from './numbers.ts';
import { SECTION_WORDS } from './sections.ts';
import type { RetentionPolicy, RetentionReason } from './retention.ts';

/**
 * Why a snapshot stays or goes, every reason in one line: the same words in a window and in a terminal. Plans that need it
 * are named together, and so are jobs.
 */
export function reasonsText(reasons: readonly RetentionReason[]): string {
  return reasons
    .flatMap((reason, at) => {
      const { rule } = reason;
      if (!isHolder(rule)) return [reasonText(reason)];
      const isFirst = reasons.findIndex((other) => other.rule === rule) === at;
      const alike = reasons.filter((other) => other.rule === rule);
      return isFirst ? [holdersText(rule, alike)] : [];
    })
    .join('; ');
}

const HOLDERS = ['plan', 'job', 'rollback'] as const;
type Holder = (typeof HOLDERS)[number];

function isHolder(rule: RetentionReason['rule']): rule is Holder {
  return (HOLDERS as readonly string[]).includes(rule);
}

/** Who counts on a snapshot: "plan p1 needs it", "jobs j1 and j2 are undone with it". */
function holdersText(rule: Holder, reasons: readonly RetentionReason[]): string {
  const what = rule === 'plan' ? 'plan' : 'job';
  const by = listed(reasons.map(({ by = '' }) => by));
  const one = reasons.length === 1;
  const holds = rule === 'rollback' ? `${one ? 'is' : 'are'} undone with it` : `${one ? 'needs' : 'need'} it`;
  return `${one ? what : `${what}s`} ${by} ${holds}`;
}

/** One reason alone. */
export function reasonText(reason: RetentionReason): string {
  const having = (reason.having ?? []).map((section) => SECTION_WORDS[section][1]);
  return having.length === 0 ? ruleText(reason) : `${ruleText(reason)} with ${having.join(', ')}`;
}

function ruleText(reason: RetentionReason): string {
  const { rule, period = '', until } = reason;
  const keptUntil = until === undefined ? '' : `, kept until ${until.slice(0, 10)}`;
  switch (rule) {
    case 'pinned':
      return 'pinned';
    case 'plan':
    case 'job':
    case 'rollback':
      return holdersText(rule, [reason]);
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

/** What a policy keeps: "the last 3, 7 daily, tagged release". */
export function policyText(policy: RetentionPolicy): string {
  const counts = [
    ['hourly', policy.keepHourly],
    ['daily', policy.keepDaily],
    ['weekly', policy.keepWeekly],
    ['monthly', policy.keepMonthly],
    ['yearly', policy.keepYearly],
  ] as const;
  return [
    ...(policy.keepLast > 0 ? [`the last ${policy.keepLast}`] : []),
    ...counts.flatMap(([name, number]) => (number > 0 ? [`${number} ${name}`] : [])),
    ...(policy.keepWithin === undefined ? [] : [`all within ${policy.keepWithin}`]),
    ...(policy.keepTags.length === 0 ? [] : [`tagged ${policy.keepTags.join(', ')}`]),
  ].join(', ');
}
