import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  retentionPolicy,
  type RetentionPolicyInput,
  type RetentionReason,
} from '../../../contract/retention.ts';
import { retain, type Candidate, type RetentionRequest } from './policy.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const HOUR = 3_600_000;

let made = 0;
const snapshot = (finishedAt: string, changes: Partial<Candidate> = {}): Candidate => ({
  id: `s${++made}`,
  environment: 'prod',
  realm: 'acme',
  finishedAt,
  purpose: 'backup',
  complete: true,
  sections: ['realm', 'users'],
  pinned: false,
  tags: [],
  ...changes,
});
const hoursAgo = (hours: number, changes?: Partial<Candidate>) =>
  snapshot(new Date(NOW.getTime() - hours * HOUR).toISOString(), changes);
/** One a day at noon, newest first. */
const daily = (days: number, changes?: Partial<Candidate>) =>
  Array.from({ length: days }, (_, day) => hoursAgo(24 * day, changes));

const judged = (
  snapshots: readonly Candidate[],
  policy: RetentionPolicyInput,
  request: Partial<RetentionRequest> = {},
) =>
  retain(snapshots, {
    scope: {},
    now: NOW,
    holds: new Map(),
    ...request,
    policy: retentionPolicy.parse(policy),
  });
const reasonsOf = (...of: Parameters<typeof judged>): Record<string, RetentionReason[]> =>
  Object.fromEntries(
    judged(...of)
      .groups.flatMap(({ verdicts }) => verdicts)
      .map(({ snapshot: { id }, reasons }) => [id, [...reasons]]),
  );
const keptOf = (...of: Parameters<typeof judged>): Candidate[] =>
  judged(...of)
    .groups.flatMap(({ verdicts }) => verdicts)
    .filter(({ keep }) => keep)
    .map(({ snapshot: kept }) => kept);
const days = (snapshots: readonly Candidate[]) => snapshots.map(({ finishedAt }) => finishedAt.slice(0, 10));

describe('the rules', () => {
  it('keep the last, whatever the time between them', () => {
    const all = [hoursAgo(0), hoursAgo(0.1), hoursAgo(50)];
    expect(keptOf(all, { keepLast: 2 })).toEqual(all.slice(0, 2));
  });

  it('keep the newest of each hour, day, week, month and year that has any', () => {
    const all = daily(800);
    expect(days(keptOf(all, { keepDaily: 3 }))).toEqual(['2026-11-29', '2026-11-28', '2026-11-27']);
    // A Sunday, and those before it.
    expect(days(keptOf(all, { keepWeekly: 3 }))).toEqual(['2026-11-29', '2026-11-22', '2026-11-15']);
    expect(days(keptOf(all, { keepMonthly: 3 }))).toEqual(['2026-11-29', '2026-10-31', '2026-09-30']);
    expect(days(keptOf(all, { keepYearly: 9 }))).toEqual(['2026-11-29', '2025-12-31', '2024-12-31']);
    const often = Array.from({ length: 20 }, (_, i) => hoursAgo(i / 4));
    expect(keptOf(often, { keepHourly: 2 })).toEqual([often[0], often[1]]);
  });

  it('count periods that have a snapshot, not those that passed', () => {
    const all = [hoursAgo(0), hoursAgo(24 * 100), hoursAgo(24 * 300)];
    expect(keptOf(all, { keepDaily: 2 })).toEqual(all.slice(0, 2));
  });

  it('say which of them keep a snapshot, and of which period it is the newest', () => {
    const [newest, older] = [hoursAgo(0), hoursAgo(24)] as const;
    expect(reasonsOf([newest, older], { keepLast: 1, keepDaily: 2, keepWeekly: 1, keepYearly: 5 })).toEqual({
      [newest.id]: [
        { rule: 'last' },
        { rule: 'daily', period: '2026-11-29' },
        { rule: 'weekly', period: '2026-W48' },
        { rule: 'yearly', period: '2026' },
      ],
      [older.id]: [{ rule: 'daily', period: '2026-11-28' }],
    });
    expect(reasonsOf([newest, older], { keepLast: 1 })[older.id]).toEqual([{ rule: 'unmatched' }]);
  });

  it('keep what is not older than the newest by more than a length of time', () => {
    const all = daily(400).slice(30);
    expect(days(keptOf(all, { keepWithin: '2d' }))).toEqual(['2026-10-30', '2026-10-29', '2026-10-28']);
    expect(keptOf(all, { keepWithin: '0d' })).toEqual(all.slice(0, 1));
    expect(days(keptOf(all, { keepWithin: '1y' })).at(-1)).toBe('2025-10-30');
  });

  it('keep by tag, by pin, and by what needs them', () => {
    const tagged = hoursAgo(300, { tags: ['release'] });
    const pinned = hoursAgo(400, { pinned: true });
    const used = hoursAgo(500);
    const all = [hoursAgo(0), tagged, pinned, used, hoursAgo(600)];
    const holds = new Map([[used.id, [{ rule: 'plan' as const, by: 'p1' }]]]);
    expect(keptOf(all, { keepLast: 1, keepTags: ['release'] }, { holds })).toEqual(all.slice(0, 4));
    expect(reasonsOf(all, { keepLast: 1, keepTags: ['release'] }, { holds })).toMatchObject({
      [tagged.id]: [{ rule: 'tag', period: 'release' }],
      [pinned.id]: [{ rule: 'pinned' }],
      [used.id]: [{ rule: 'plan', by: 'p1' }],
    });
  });

  it('judge each environment and realm for itself, and imported files too', () => {
    const all = [
      hoursAgo(0),
      hoursAgo(1, { environment: 'dev' }),
      hoursAgo(2, { realm: 'other' }),
      snapshot('2020-01-01T00:00:00Z', { environment: undefined, purpose: 'import' }),
      hoursAgo(3),
    ];
    expect(keptOf(all, { keepLast: 1 })).toEqual(all.slice(0, 4));
  });
});

describe('a time zone', () => {
  it('decides whose day it is', () => {
    const all = [snapshot('2026-11-28T23:30:00Z'), snapshot('2026-11-28T22:30:00Z')];
    expect(keptOf(all, { keepDaily: 2 })).toHaveLength(1);
    expect(keptOf(all, { keepDaily: 2, timeZone: 'Europe/Berlin' })).toHaveLength(2);
    expect(reasonsOf(all, { keepDaily: 2, timeZone: 'Europe/Berlin' })).toMatchObject({
      [all[0]!.id]: [{ period: '2026-11-29' }],
      [all[1]!.id]: [{ period: '2026-11-28' }],
    });
  });

  it('has an hour twice when the clocks are put back, and a week at the turn of the year', () => {
    const twice = [snapshot('2026-10-25T01:30:00Z'), snapshot('2026-10-25T00:30:00Z')];
    expect(keptOf(twice, { keepHourly: 5, timeZone: 'Europe/Berlin' })).toHaveLength(2);
    const turn = [snapshot('2027-01-03T12:00:00Z'), snapshot('2026-12-28T12:00:00Z')];
    const kept = reasonsOf(turn, { keepWeekly: 5 }, { now: new Date('2027-02-01T00:00:00Z') });
    expect(kept[turn[0]!.id]).toEqual([{ rule: 'weekly', period: '2026-W53' }]);
    expect(kept[turn[1]!.id]).toEqual([{ rule: 'unmatched' }]);
  });
});

describe('snapshots that are not whole', () => {
  const partly = { complete: false };

  it('never stand in the place of one that is', () => {
    const all = [hoursAgo(0, partly), hoursAgo(1, partly), hoursAgo(2), hoursAgo(3)];
    expect(keptOf(all, { keepLast: 1 })).toEqual([all[0], all[2]]);
    expect(keptOf(all, { keepDaily: 1 })).toEqual([all[0], all[2]]);
  });

  it('are counted by the same rules where there are no others', () => {
    const all = daily(30, partly);
    expect(keptOf(all, { keepDaily: 7 })).toEqual(all.slice(0, 7));
  });

  it('are not what a realm may be left with, where it has whole ones', () => {
    const all = [hoursAgo(0, { ...partly, tags: ['t'] }), hoursAgo(1)];
    expect(judged(all, { keepTags: ['t'] }).groups[0]!.emptied).toBe(true);
    expect(judged(all.slice(0, 1), { keepTags: ['t'] }).groups[0]!.emptied).toBe(false);
  });
});

describe('snapshots that have what others lack', () => {
  const OVER_API = { sections: ['realm', 'roles', 'clients', 'users'] } as const;
  const OVER_POSTGRES = { sections: [...OVER_API.sections, 'credentials', 'socialLinks'] } as const;
  const having = ['credentials', 'socialLinks'];

  it('never give way to those that lack it, and say so', () => {
    const [api, api2, whole, older] = [
      hoursAgo(0, OVER_API),
      hoursAgo(1, OVER_API),
      hoursAgo(2, OVER_POSTGRES),
      hoursAgo(3, OVER_POSTGRES),
    ];
    expect(reasonsOf([api, api2, whole, older], { keepLast: 1, keepDaily: 1 })).toEqual({
      [api.id]: [{ rule: 'last' }, { rule: 'daily', period: '2026-11-29' }],
      [api2.id]: [{ rule: 'unmatched' }],
      [whole.id]: [
        { rule: 'last', having },
        { rule: 'daily', period: '2026-11-29', having },
      ],
      [older.id]: [{ rule: 'unmatched' }],
    });
    const days = [...daily(5, OVER_API), ...daily(5, OVER_POSTGRES)];
    expect(keptOf(days, { keepDaily: 3 })).toEqual([...days.slice(0, 3), ...days.slice(5, 8)]);
    expect(keptOf(days, { keepWithin: '1d' })).toEqual([...days.slice(0, 2), ...days.slice(5, 7)]);
  });

  it('stand in the place of those that have less: once these are old, they go', () => {
    const all = [...daily(3, OVER_POSTGRES), hoursAgo(200, OVER_API)];
    expect(keptOf(all, { keepLast: 2 })).toEqual(all.slice(0, 2));
    expect(reasonsOf(all, { keepDaily: 9 })[all[3]!.id]).toEqual([{ rule: 'daily', period: '2026-11-21' }]);
  });

  it('are told apart among those that are not whole, too', () => {
    const part = (hours: number, changes: Partial<Candidate>) =>
      hoursAgo(hours, { complete: false, ...changes });
    const all = [
      part(0, { sections: ['clients'] }),
      part(1, { sections: ['users'] }),
      part(2, { sections: ['users'] }),
      part(3, { ...OVER_POSTGRES, inconsistent: 'It told different things.' }),
    ];
    expect(keptOf(all, { keepLast: 1 })).toEqual([all[0], all[1], all[3]]);
    const doubtful = part(0, { sections: ['users'], inconsistent: 'It told different things.' });
    expect(keptOf([doubtful, ...all.slice(1, 3)], { keepLast: 1 })).toEqual([doubtful, all[1]]);
  });

  it('are named where a policy would let the last of them go', () => {
    const all = [hoursAgo(0, { ...OVER_API, tags: ['t'] }), hoursAgo(1, OVER_POSTGRES)];
    const irreplaceable = (policy: RetentionPolicyInput) => judged(all, policy).groups[0]!.irreplaceable;
    expect(irreplaceable({ keepTags: ['t'] })).toBe(all[1]);
    expect(judged(all, { keepTags: ['t'] }).groups[0]!.emptied).toBe(false);
    expect(irreplaceable({ keepTags: ['t'], keepLast: 1 })).toBeUndefined();
  });
});

describe('what archives brought', () => {
  const IMPORTED = new Date(NOW.getTime() - 24 * 30 * HOUR).toISOString();
  const brought = (finishedAt: string, changes: Partial<Candidate> = {}, environment?: string) =>
    snapshot(IMPORTED, {
      environment: undefined,
      purpose: 'import',
      archived: {
        snapshot: '1mn0p2q3r4s5t6',
        ...(environment !== undefined && { environment }),
        purpose: 'backup',
        startedAt: finishedAt,
        finishedAt,
      },
      ...changes,
    });
  const on = (day: string) => `2026-10-${day}T02:00:00Z`;

  it('is judged by when it was taken, not by when it was imported', () => {
    const all = ['21', '20', '19', '12', '05'].map((day) => brought(on(day), {}, 'prod'));
    expect(keptOf(all, { keepDaily: 14 })).toEqual(all);
    expect(reasonsOf(all, { keepDaily: 2, keepWeekly: 3 })).toEqual({
      [all[0]!.id]: [
        { rule: 'daily', period: '2026-10-21' },
        { rule: 'weekly', period: '2026-W43' },
      ],
      [all[1]!.id]: [{ rule: 'daily', period: '2026-10-20' }],
      [all[2]!.id]: [{ rule: 'unmatched' }],
      [all[3]!.id]: [{ rule: 'weekly', period: '2026-W42' }],
      [all[4]!.id]: [{ rule: 'weekly', period: '2026-W41' }],
    });
    expect(keptOf(all, { keepWithin: '2d' })).toEqual(all.slice(0, 3));
  });

  it('has the newest first, in whatever order archives were imported', () => {
    const [older, newer] = [brought(on('05')), brought(on('21'))] as const;
    expect(keptOf([older, newer], { keepLast: 1 })).toEqual([newer]);
  });

  it('is told apart by the environment that it names, from backups of that name, files and copies', () => {
    const pseudonymized = {
      snapshot: 'x',
      environment: 'prod',
      keepDomains: false,
      passwords: 'removed',
      clientSecrets: 'removed',
    } as const;
    const all = [
      hoursAgo(0),
      brought(on('21'), {}, 'prod'),
      brought(on('20'), {}, 'dev'),
      brought(on('19')),
      brought(on('18'), { pseudonymized }),
      snapshot(IMPORTED, { environment: undefined, purpose: 'import', pseudonymized }),
      snapshot(IMPORTED, { environment: undefined, purpose: 'import' }),
    ];
    expect(keptOf(all, { keepLast: 1 })).toEqual(all);
    expect(judged(all, { keepLast: 1 }).groups).toHaveLength(all.length);
    expect(judged(all, { keepLast: 1 }, { scope: { environment: 'prod' } }).groups).toHaveLength(1);
  });

  it('stays for two weeks after its import, whatever the rules, and says until when', () => {
    const finishedAt = '2026-11-20T12:00:00.000Z';
    const all = [brought(on('21')), brought('2021-01-01T00:00:00Z', { finishedAt })];
    expect(reasonsOf(all, { keepLast: 1 })).toEqual({
      [all[0]!.id]: [{ rule: 'last' }],
      [all[1]!.id]: [{ rule: 'imported', until: '2026-12-04T12:00:00.000Z' }],
    });
    const later = new Date('2026-12-05T00:00:00Z');
    expect(keptOf(all, { keepLast: 1 }, { now: later })).toEqual(all.slice(0, 1));
  });

  it('pushes nothing out when it says that it is from the future, nor when from the beginning of time', () => {
    const all = [
      brought('9999-12-31T23:59:59Z', {}, 'prod'),
      brought('0000-01-01T00:00:00Z', {}, 'prod'),
      brought(on('21'), {}, 'prod'),
    ];
    expect(reasonsOf(all, { keepLast: 1, keepWeekly: 5, keepYearly: 5 })).toMatchObject({
      [all[0]!.id]: [{ rule: 'future' }],
      [all[1]!.id]: [{ rule: 'weekly' }, { rule: 'yearly' }],
      [all[2]!.id]: [{ rule: 'last' }, { rule: 'weekly' }, { rule: 'yearly' }],
    });
    expect(keptOf(all, { keepLast: 1 })).toEqual([all[0], all[2]]);
  });
});

describe('snapshots taken around a job or a preview', () => {
  it('are not counted; those of previews and verifications go after two weeks, safety snapshots after their time', () => {
    const all = [
      hoursAgo(1, { purpose: 'target' }),
      hoursAgo(2, { purpose: 'verification' }),
      hoursAgo(3, { purpose: 'safety' }),
      hoursAgo(4),
      hoursAgo(24 * 15, { purpose: 'target' }),
      hoursAgo(24 * 15, { purpose: 'verification' }),
      hoursAgo(24 * 15, { purpose: 'safety' }),
      hoursAgo(24 * 100, { purpose: 'safety' }),
    ];
    const rules = Object.values(reasonsOf(all, { keepLast: 1 })).map(([reason]) => reason!.rule);
    expect(rules).toEqual([
      'recent',
      'recent',
      'safety',
      'last',
      'outlived',
      'outlived',
      'safety',
      'outlived',
    ]);
    const until = (at: number, days: number) =>
      new Date(Date.parse(all[at]!.finishedAt) + days * 24 * 3_600_000).toISOString();
    expect(reasonsOf(all, { keepLast: 1 })[all[0]!.id]).toEqual([{ rule: 'recent', until: until(0, 14) }]);
    expect(reasonsOf(all, { keepLast: 1 })[all[2]!.id]).toEqual([{ rule: 'safety', until: until(2, 90) }]);
    expect(reasonsOf(all, { keepLast: 1, keepSafety: '10d' })[all[6]!.id]).toEqual([{ rule: 'outlived' }]);
  });

  it('are no backup of the realm', () => {
    const all = [hoursAgo(0, { purpose: 'safety', tags: ['t'] }), hoursAgo(1)];
    expect(judged(all, { keepTags: ['t'] }).groups[0]!.emptied).toBe(true);
  });
});

describe('clocks', () => {
  it('that were ahead: a snapshot from the future is kept, and pushes nothing out', () => {
    const future = snapshot('2099-01-01T00:00:00Z');
    const all = [future, ...daily(30)];
    expect(reasonsOf(all, { keepDaily: 3 })[future.id]).toEqual([{ rule: 'future' }]);
    expect(keptOf(all, { keepDaily: 3 })).toHaveLength(4);
    expect(keptOf(all, { keepWithin: '2d' })).toHaveLength(4);
  });

  it('that are turned back keep more, not less', () => {
    const all = daily(30);
    expect(keptOf(all, { keepLast: 1 }, { now: new Date('2020-01-01T00:00:00Z') })).toEqual(all);
  });

  it('that were behind: what was stored last counts as the newest', () => {
    const [late, ...rest] = [snapshot('2020-01-01T00:00:00Z'), ...daily(5)] as const;
    expect(keptOf([late, ...rest], { keepLast: 1 })).toEqual([late]);
  });
});

describe('a scope', () => {
  const tagged = hoursAgo(5, { tags: ['nightly'] });
  const all = [hoursAgo(0), tagged, hoursAgo(6), hoursAgo(7, { realm: 'other', tags: ['nightly'] })];

  it('leaves the others alone', () => {
    const of = (scope: RetentionRequest['scope']) =>
      judged(all, { keepYearly: 1 }, { scope }).groups.map(({ verdicts }) => verdicts.length);
    expect(of({ realm: 'acme' })).toEqual([3]);
    expect(of({ tag: 'nightly' })).toEqual([1, 1]);
    expect(of({ environment: 'dev' })).toEqual([]);
  });

  it('counts what a realm has outside of it', () => {
    const verdict = judged(all, { keepTags: ['weekly'] }, { scope: { tag: 'nightly' } });
    expect(verdict.groups.map(({ series, emptied }) => [series.realm, emptied])).toEqual([
      ['acme', false],
      ['other', true],
    ]);
    expect(verdict.unknownTags).toEqual(['weekly']);
  });
});

describe('whatever there is, and whatever the policy', () => {
  const candidate = fc.record({
    hours: fc.integer({ min: -50, max: 20_000 }),
    environment: fc.constantFrom('dev', 'prod', undefined),
    realm: fc.constantFrom('acme', 'shop'),
    purpose: fc.constantFrom('backup', 'backup', 'backup', 'import', 'safety', 'target', 'verification'),
    complete: fc.boolean(),
    inconsistent: fc.constantFrom(undefined, undefined, 'It told different things.'),
    sections: fc.subarray(['realm', 'users', 'credentials']),
    pinned: fc.boolean(),
    tags: fc.subarray(['a', 'b']),
    // Of an archive, and how long before its import it was taken.
    age: fc.option(fc.integer({ min: -30_000, max: 30_000 }), { nil: undefined }),
  });
  const snapshots = fc.array(candidate, { maxLength: 60 }).map((all) =>
    all.map(({ hours, age, ...rest }) => {
      const taken = { finishedAt: new Date(NOW.getTime() - (hours + (age ?? 0)) * HOUR).toISOString() };
      const archived = age !== undefined && rest.environment === undefined && { archived: taken };
      return hoursAgo(hours, { ...rest, ...archived } as Partial<Candidate>);
    }),
  );
  const few = fc.integer({ min: 0, max: 5 });
  const policies = fc
    .record({
      keepLast: few,
      keepHourly: few,
      keepDaily: few,
      keepWeekly: few,
      keepMonthly: few,
      keepYearly: few,
      keepWithin: fc.option(fc.constantFrom('0d', '12h', '40d', '1y6m'), { nil: undefined }),
      keepTags: fc.subarray(['a', 'b']),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Apia', 'Asia/Kathmandu'),
    })
    .filter((policy) => retentionPolicy.safeParse(policy).success);
  const ids = (kept: readonly Candidate[]) => kept.map(({ id }) => id);

  it('keeping more of anything lets nothing go that was kept', () => {
    fc.assert(
      fc.property(snapshots, policies, policies, (all, policy, more) => {
        const summed = Object.fromEntries(
          Object.entries(policy).map(([name, value]) => {
            const other = more[name as keyof typeof more];
            return [name, typeof value === 'number' ? value + (other as number) : value];
          }),
        );
        const kept = new Set(ids(keptOf(all, summed)));
        for (const id of ids(keptOf(all, policy))) expect(kept).toContain(id);
      }),
    );
  });

  it('judged again, nothing more goes', () => {
    fc.assert(
      fc.property(snapshots, policies, (all, policy) => {
        const kept = keptOf(all, policy);
        const left = all.filter((one) => kept.includes(one));
        expect(ids(keptOf(left, policy)).toSorted()).toEqual(ids(kept).toSorted());
      }),
    );
  });

  it('pins, holds, tags and the future stay, and each snapshot has its reason', () => {
    fc.assert(
      fc.property(snapshots, policies, fc.nat(), (all, policy, at) => {
        const held = all[at % Math.max(1, all.length)];
        const holds = new Map(held ? [[held.id, [{ rule: 'job' as const, by: 'j' }]]] : []);
        const verdicts = judged(all, policy, { holds }).groups.flatMap((group) => group.verdicts);
        expect(verdicts.map(({ snapshot: { id } }) => id).toSorted()).toEqual(ids(all).toSorted());
        for (const { snapshot: one, keep, reasons } of verdicts) {
          const must =
            one.pinned ||
            one.id === held?.id ||
            policy.keepTags.some((tag) => one.tags.includes(tag)) ||
            Date.parse(one.archived?.finishedAt ?? one.finishedAt) > NOW.getTime() + HOUR / 2;
          if (must) expect(keep).toBe(true);
          expect(reasons.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('a realm that has a whole backup keeps one, or is said to be left with none', () => {
    fc.assert(
      fc.property(snapshots, policies, (all, policy) => {
        const listed = ({ purpose }: Candidate) => purpose === 'backup' || purpose === 'import';
        for (const { verdicts, emptied, irreplaceable } of judged(all, policy).groups) {
          const backups = verdicts.filter(({ snapshot: one }) => listed(one));
          const whole = backups.filter(({ snapshot: one }) => one.complete);
          const relevant = whole.length > 0 ? whole : backups;
          expect(emptied).toBe(relevant.length > 0 && relevant.every(({ keep }) => !keep));
          // With any rule but that of tags, nothing is left with none.
          const byTagsAlone = Object.entries(policy).every(
            ([name, value]) => name === 'keepTags' || name === 'timeZone' || !value,
          );
          if (!byTagsAlone) expect([emptied, irreplaceable]).toEqual([false, undefined]);
          // Of each section, as long as no backup is said to be lost, one stays that has it.
          if (irreplaceable) continue;
          const stay = relevant.filter(({ keep }) => keep);
          for (const section of relevant.flatMap(({ snapshot: one }) => one.sections))
            expect(stay.some(({ snapshot: one }) => one.sections.includes(section))).toBe(true);
        }
      }),
    );
  });
});

describe('a policy', () => {
  it.each([
    {},
    { keepLast: 0 },
    { keepLast: -1 },
    { keepDaily: 1.5 },
    { keepWithin: '' },
    { keepWithin: '3x' },
    { keepWithin: '3d2y' },
    { keepLast: 1, timeZone: 'Mars/Olympus' },
    { keepLast: 1, keepForever: true },
  ])('that keeps nothing, or is none, is refused: %j', (policy) => {
    expect(retentionPolicy.safeParse(policy).success).toBe(false);
  });
});
