import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffSnapshots } from '../compare/diff-snapshots.ts';
import { gather } from '../compare/testing/gather.ts';
import { naturalKey } from '../model/natural-key.ts';
import { SECTIONS } from '../model/sections.ts';
import { applyItemOf, singleItemsOf } from './apply-item.ts';
import { mergeSuffices } from './merge-suffices.ts';
import { isPlanItem, type PlanEntry } from './plan.ts';
import { createSummary } from './summary.ts';
import { batched } from './testing/plan-fixture.ts';
import { carriedOut, scenario, type Scenario } from './testing/scenario.ts';
import type { SimulatedTarget } from './testing/simulated-target.ts';
import { verifyApplied } from './verify-applied.ts';

const runs = { numRuns: 200 };

describe('a lean plan', () => {
  it('comes to the same digest, writes the same, and is verified in the same way', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const { planned, before, after } = await carriedOut(of);
        const summary = createSummary(planned.context);
        summary.add(planned.lean);
        expect(summary.finish()).toEqual(planned.summary);
        const { mode } = planned.summary;
        const { route } = planned.context;
        const items = (entries: readonly PlanEntry[]): unknown =>
          entries
            .filter(isPlanItem)
            .map((item) =>
              route.survivors ? singleItemsOf(item, mode, route) : (applyItemOf(item, mode) ?? item.key),
            );
        expect(items(planned.lean)).toEqual(items(planned.entries));
        const verified = await gather(
          verifyApplied({
            context: planned.context,
            before: before.exists ? before.capture() : {},
            after: after.capture(2),
            entries: batched(planned.lean),
            issued: (section) => (section === 'clients' ? after.issued : new Map()),
          }),
        );
        expect(verified).toEqual([]);
      }),
      runs,
    );
  });

  it('is what it is however often it is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const { planned } = await carriedOut(of);
        expect(await planned.again()).toEqual(planned.entries);
      }),
      runs,
    );
  });
});

describe('an overwrite by a route that loses nothing', () => {
  it('keeps every hash and every secret that the source does not tell about', async () => {
    const overwriting = scenario.map((of): Scenario => ({
      ...of,
      route: 'keeping',
      policy: { ...of.policy, realm: 'overwrite', exclude: [] },
      captured: { ...of.captured, route: 'documented', without: ['credentials'] },
    }));
    await fc.assert(
      fc.asyncProperty(overwriting, async (of) => {
        const { planned, before, after } = await carriedOut(of);
        const returning = new Set(after.bodies('users').map((user) => user['username']));
        const hashes = (target: SimulatedTarget): unknown =>
          target
            .bodies('credentials')
            .filter(({ username }) => returning.has(username))
            .map(({ username, secretHash }) => JSON.stringify([username, secretHash]))
            .sort();
        expect(hashes(after)).toEqual(hashes(before));
        expect(planned.summary.losses.passwordHashes).toBe(0);
        if (of.captured.fromFile) return;
        expect(planned.summary.losses.clientSecrets).toBe(0);
        for (const user of after.bodies('users')) {
          const was = before.bodies('users').find(({ username }) => username === user['username']);
          const given = of.source.users!.find(({ username }) => username === user['username']);
          if (was?.['id'] !== undefined && given?.['id'] === undefined) expect(user['id']).toBe(was['id']);
        }
      }),
      runs,
    );
  });
});

describe('an exact merge', () => {
  const exactly = scenario.map((of): Scenario => ({
    ...of,
    target: of.target ?? of.source,
    route: 'keeping',
    elsewhere: [],
    captured: { route: 'full', without: [], fromFile: false },
    policy: {
      realm: 'merge',
      users: 'merge',
      clients: 'update',
      extra: 'delete',
      exact: true,
      caseVariants: 'create',
      conflicts: 'skip',
    },
  }));

  it('makes the target what the source is, but for ids that no update changes, and counts those', async () => {
    await fc.assert(
      fc.asyncProperty(exactly, async (of) => {
        const { planned, before, after, source } = await carriedOut(of);
        const waiting = planned.items.some(
          ({ reason }) => reason === 'email-taken' || reason === 'social-link-taken',
        );
        if (waiting) return;
        const now = after.capture();
        const counted: Record<string, unknown> = {};
        for await (const part of diffSnapshots(now, source))
          if (part.kind === 'counts') counted[part.counts.section] = { ...part.counts, same: 0 };
        for (const section of SECTIONS)
          expect(counted[section]).toEqual({
            section,
            unknown: false,
            added: 0,
            removed: 0,
            changed: 0,
            same: 0,
          });
        const differ = (['users', 'clients'] as const).flatMap((section) =>
          before.bodies(section).filter((body) => {
            const key = naturalKey(section, body);
            const wanted = of.source[section]!.find((other) => naturalKey(section, other) === key);
            return body['id'] !== undefined && wanted?.['id'] !== undefined && body['id'] !== wanted['id'];
          }),
        );
        expect(planned.summary.idsDiffer).toBe(differ.length);
        expect(await mergeSuffices(before.capture(), source)).toBe(differ.length === 0);
      }),
      runs,
    );
  });
});
