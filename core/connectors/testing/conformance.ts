import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { PLAIN_SECRETS, realmContent, type RealmContent } from './conformance-content.ts';
import { creatable, creations, expectCreated, mergeOf, replacement, seeded } from './conformance-items.ts';
import { capture, comparable, expectRecords } from './conformance-state.ts';
import { wholeRealmConformance, type BackDoor } from './conformance-whole.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Connector, RouteCapabilities } from '../connector.ts';

/** An environment to be conformant with, and ways to it that are not the connector's own. */
export interface ConformanceSetup {
  /** A new connector; whoever asked closes it. */
  connect(): Connector;
  /** Puts a realm there, with passwords and client secrets, by other means than the connector under test. */
  seed(content: RealmContent): Promise<void>;
  /** For a route that reads and writes everything. */
  readonly backDoor?: BackDoor;
  /** What the route tells of a realm like `realmContent`. Default: its settings, roles, clients and users. */
  readonly reads?: readonly Section[];
  /** Users of the largest realm, beside the odd ones; fewer where each costs a call. Default 2,000. */
  readonly users?: number;
  /** Connections that stand between the connectors and the environment now. */
  connections(): number;
  stop(): Promise<void>;
}

const signal = new AbortController().signal;

/** Registers the tests that every connector must pass; what a route cannot do is not asked of it. */
export function connectorConformance(name: string, start: () => Promise<ConformanceSetup>): void {
  describe(`${name} is a conformant connector`, () => {
    let setup: ConformanceSetup;
    let connector: Connector;
    let route: RouteCapabilities;
    let content: RealmContent;
    /** Users of `content`. */
    let everyone: number;
    beforeAll(async () => {
      setup = await start();
      content = realmContent('conformance', setup.users ?? 2_000);
      everyone = content.sections.users!.length;
      connector = setup.connect();
      route = await connector.capabilities(signal);
      await setup.seed(content);
      await setup.seed(realmContent('bystander', 10));
    });
    afterAll(async () => {
      await connector?.close();
      await setup?.stop();
    });

    describe('looking', () => {
      it('the probe finds it usable and names its dialect', async () => {
        const report = await connector.probe(signal);
        expect(report.steps.filter((step) => step.verdict === 'failed')).toEqual([]);
        expect(report.usable).toBe(true);
        expect(report.dialect).toBe(route.dialect);
      });

      it('lists every realm once', async () => {
        const names: string[] = [];
        for await (const realm of connector.listRealms(signal)) names.push(realm.name);
        expect(names).toEqual(expect.arrayContaining(['conformance', 'bystander']));
        expect(new Set(names).size).toBe(names.length);
      });

      it('knows which realms exist', async () => {
        expect(await connector.realmExists('conformance', signal)).toBe(true);
        for (const absent of ['conformanc', 'Conformance', 'no/such realm?', '..'])
          expect(await connector.realmExists(absent, signal)).toBe(false);
      });

      it('does none of it once the signal has fired', async () => {
        const aborted = AbortSignal.abort();
        await expectCode(connector.probe(aborted), 'CANCELED');
        await expectCode(connector.realmExists('conformance', aborted), 'CANCELED');
        await expectCode(capture(connector, 'conformance', undefined, aborted), 'CANCELED');
        await expectCode(connector.listRealms(aborted)[Symbol.asyncIterator]().next(), 'CANCELED');
      });
    });

    describe('capturing', () => {
      it('reads what is there, odd names and all, and says what it does not contain', async () => {
        const captured = await capture(connector, 'conformance');
        const { facts } = captured;
        expect(facts).toMatchObject({
          realm: 'conformance',
          channel: connector.channel,
          dialect: route.dialect,
        });
        for (const section of SECTIONS) {
          const told = facts.sections.includes(section);
          const missing = facts.missing.filter(
            (each) => each.section === section && each.member === undefined,
          );
          expect(missing).toHaveLength(told ? 0 : 1);
          if (told) expectRecords(captured, section, seeded(content, section));
        }
        const reads = setup.reads ?? ['realm', 'roles', 'clients', 'users'];
        expect(facts.sections).toEqual(expect.arrayContaining([...reads]));
        expect(facts.inconsistent).toBeUndefined();
      });

      it('never shows a secret in the clear', async () => {
        const { text } = await capture(connector, 'conformance');
        for (const secret of PLAIN_SECRETS) expect(text).not.toContain(secret);
      });

      it('a section alone has the same records as within the whole', async () => {
        const whole = await capture(connector, 'conformance');
        for (const section of whole.facts.sections) {
          const alone = await capture(connector, 'conformance', [section]);
          expect(alone.facts.sections).toEqual([section]);
          expect([...alone.sections.keys()]).toEqual([section]);
          expect(alone.sections.get(section)).toEqual(whole.sections.get(section));
        }
      });

      it('comes in bounded batches', async () => {
        const { largestBatch } = await capture(connector, 'conformance');
        expect(largestBatch).toBeLessThanOrEqual(1024 * 1024);
      });

      it('a realm that is not there is REALM_NOT_FOUND, whatever of it is asked for', async () => {
        await expectCode(capture(connector, 'no-such-realm'), 'REALM_NOT_FOUND');
        const { facts } = await capture(connector, 'bystander');
        for (const section of facts.sections)
          await expectCode(capture(connector, 'no-such-realm', [section]), 'REALM_NOT_FOUND');
      });

      it('can be canceled in the middle, and the connector used again', async () => {
        const abort = new AbortController();
        let records = 0;
        const work = (async () => {
          for await (const batch of connector.capture('conformance', {}, abort.signal).batches) {
            records += batch.records.length;
            abort.abort();
          }
        })();
        await expectCode(work, 'CANCELED');
        expect(records).toBeLessThan(everyone);
        expect((await capture(connector, 'bystander')).sections.get('users')?.size).toBe(
          content.oddUsers + 10,
        );
      });

      it('can be left in the middle, and the connector used again', async () => {
        for await (const _batch of connector.capture('conformance', {}, signal).batches) break;
        expect(await connector.realmExists('bystander', signal)).toBe(true);
      });

      it('of two realms at once keeps them apart', async () => {
        const [one, two] = await Promise.all([
          capture(connector, 'conformance'),
          capture(connector, 'bystander'),
        ]);
        expect(one.sections.get('users')?.size).toBe(everyone);
        expect(two.sections.get('users')?.size).toBe(content.oddUsers + 10);
      });
    });

    describe('applying', () => {
      it('writes nothing before a step is run', async () => {
        const steps = await stepsOf(
          connector,
          { realm: 'lazy', mode: 'create' },
          creations(route, realmContent('lazy', 3)),
        );
        expect(steps.length).toBeGreaterThan(0);
        expect(await connector.realmExists('lazy', signal)).toBe(false);
      });

      it('the same items give the same steps, and every item stands in exactly one', async () => {
        const items = creations(route, realmContent('same', 1_200));
        const target = { realm: 'same', mode: 'create' } as const;
        const plain = (steps: ApplyStep[]) => steps.map(({ label, items: of }) => ({ label, of }));
        const steps = await stepsOf(connector, target, items);
        expect(plain(steps)).toEqual(plain(await stepsOf(connector, target, items, 17)));
        expect(steps.flatMap((step) => step.items.map(idOf)).sort()).toEqual(items.map(idOf).sort());
        for (const step of steps) expect(step.items.length).toBeLessThanOrEqual(5_000);
      });

      it('creates a realm that is then as it was sent', async () => {
        const source = realmContent('created', 1_200);
        await apply(connector, { realm: 'created', mode: 'create' }, creations(route, source));
        const captured = await capture(connector, 'created');
        for (const section of creatable(route)) expectCreated(route, captured, section, source);
      });

      it('does not create over a realm that exists', async () => {
        const before = await capture(connector, 'bystander');
        const items = creations(route, realmContent('bystander', 3));
        await expectCode(apply(connector, { realm: 'bystander', mode: 'create' }, items), 'REALM_EXISTS');
        expect((await capture(connector, 'bystander')).sections).toEqual(before.sections);
      });

      it('a client id of another realm is a conflict, and leaves no realm behind', async () => {
        if (!route.sections.clients.createWithRealm) return;
        const source = realmContent('thief', 3);
        const stolen = {
          ...source.sections.clients![0]!,
          clientId: content.sections.clients![0]!['clientId']!,
        };
        const items = creations(route, {
          ...source,
          sections: { ...source.sections, clients: [stolen] },
        });
        await expectCode(apply(connector, { realm: 'thief', mode: 'create' }, items), 'CLIENT_EXISTS');
        expect(await connector.realmExists('thief', signal)).toBe(false);
      });

      it('merges: new users, changed users, nothing else', async () => {
        await setup.seed(realmContent('merged', 300));
        const before = await capture(connector, 'merged');
        const { items, expected } = mergeOf(route, before);
        await apply(connector, { realm: 'merged', mode: 'merge' }, items);
        expect(comparable((await capture(connector, 'merged')).sections)).toEqual(comparable(expected));
      });

      it('steps that call themselves repeatable can be repeated', async () => {
        await setup.seed(realmContent('repeated', 50));
        const before = await capture(connector, 'repeated');
        const { items, expected } = mergeOf(route, before);
        for (const step of await stepsOf(connector, { realm: 'repeated', mode: 'merge' }, items)) {
          const outcomes = [await step.run(signal)];
          if (step.repeatable) outcomes.push(await step.run(signal));
          expect(outcomes.flatMap((outcome) => outcome.failures)).toEqual([]);
        }
        expect(comparable((await capture(connector, 'repeated')).sections)).toEqual(comparable(expected));
      });

      it('overwrites: what was there is gone', async () => {
        if (!route.overwriteRealm) return;
        await setup.seed(realmContent('overwritten', 400));
        const source = realmContent('overwritten', 20, { displayName: 'Anew' });
        const before = await capture(connector, 'overwritten');
        await apply(
          connector,
          { realm: 'overwritten', mode: 'overwrite' },
          replacement(route, before, source),
        );
        const captured = await capture(connector, 'overwritten');
        for (const section of creatable(route)) expectCreated(route, captured, section, source);
      });

      it('tells what it found out of a server that answered, and nothing before', async () => {
        const fresh = setup.connect();
        try {
          const parts = (): unknown[] => Object.values(fresh.learned?.() ?? {}).filter(Boolean);
          expect(parts()).toEqual([]);
          await fresh.realmExists('bystander', signal);
          expect(parts()).not.toEqual([]);
        } finally {
          await fresh.close();
        }
      });

      it('removes a realm, and no other; a second time changes nothing', async () => {
        // Record by record it takes an item each: there, it is tested with the route.
        if (!route.removeRealm || route.survivors) return;
        await setup.seed(realmContent('removed', 30));
        const deletion: ApplyItem = { section: 'realm', key: 'removed', action: 'delete', body: {} };
        for (let times = 0; times < 2; times++)
          await apply(connector, { realm: 'removed', mode: 'remove' }, [deletion]);
        expect(await connector.realmExists('removed', signal)).toBe(false);
        await expectCode(capture(connector, 'removed'), 'REALM_NOT_FOUND');
        expect(await connector.realmExists('bystander', signal)).toBe(true);
      });

      it('stops between steps when canceled, and can be carried on from there', async () => {
        const source = realmContent('resumed', 1_200);
        const abort = new AbortController();
        const [first, ...others] = await stepsOf(
          connector,
          { realm: 'resumed', mode: 'create' },
          creations(route, source),
        );
        await first!.run(abort.signal);
        abort.abort();
        for (const step of others) await expectCode(step.run(abort.signal), 'CANCELED');
        // What is one transaction is not there before its end.
        if (route.transactional || first!.staged)
          expect(await connector.realmExists('resumed', signal)).toBe(false);
        else
          expect((await capture(connector, 'resumed')).sections.get('users')?.size ?? 0).toBe(
            first!.items.filter((item) => item.section === 'users').length,
          );
        for (const step of others) expect((await step.run(signal)).failures).toEqual([]);
        expectCreated(route, await capture(connector, 'resumed'), 'users', source);
      });

      it('refuses an item that its route does not offer', async () => {
        const { sections } = route;
        const without = SECTIONS.find(
          (section) => sections[section].create === 'no' && !sections[section].createWithRealm,
        );
        if (without === undefined) return;
        const item: ApplyItem = { section: without, key: 'x', action: 'create', body: {} };
        await expectCode(
          stepsOf(connector, { realm: 'bystander', mode: 'merge' }, [item]),
          'UNSUPPORTED_BY_ROUTE',
        );
      });
    });

    wholeRealmConformance(() =>
      setup.backDoor
        ? {
            connector,
            backDoor: setup.backDoor,
            apply: (target, items) => apply(connector, target, items),
          }
        : undefined,
    );

    it('closing leaves no connection, whatever was under way', async () => {
      const before = setup.connections();
      const another = setup.connect();
      await another.realmExists('conformance', signal);
      const left = another.capture('conformance', {}, signal).batches[Symbol.asyncIterator]();
      await left.next();
      expect(setup.connections()).toBeGreaterThan(before);
      await another.close();
      await expect.poll(() => setup.connections()).toBe(before);
      await left.return?.();
    });
  });
}

/** To be iterated as often as there are channels. */
function inBatches(items: readonly ApplyItem[], size: number): AsyncIterable<readonly ApplyItem[]> {
  return {
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < items.length; at += size) yield await Promise.resolve(items.slice(at, at + size));
    },
  };
}

async function stepsOf(
  connector: Connector,
  target: ApplyTarget,
  items: readonly ApplyItem[],
  size = 256,
): Promise<ApplyStep[]> {
  const steps: ApplyStep[] = [];
  const session = await connector.openTarget(target.realm, {}, signal);
  for await (const step of session.applySteps(target, inBatches(items, size))) steps.push(step);
  return steps;
}

async function apply(connector: Connector, target: ApplyTarget, items: readonly ApplyItem[]): Promise<void> {
  const session = await connector.openTarget(target.realm, {}, signal);
  try {
    for await (const step of session.applySteps(target, inBatches(items, 256)))
      expect((await step.run(signal)).failures).toEqual([]);
  } finally {
    await session.close();
  }
}

function idOf(item: Pick<ApplyItem, 'section' | 'key' | 'action'>): string {
  return `${item.section} ${item.action} ${item.key}`;
}

async function expectCode(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code });
}
