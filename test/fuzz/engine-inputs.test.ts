import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECTIONS } from '../../contract/sections.ts';
import { asAppError } from '../../contract/wire.ts';
import { openEngine, type Engine, type EngineClient } from '../../core/engine/index.ts';
import { CHEAP_SCRYPT, PASSPHRASE, TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { capture, factsOf, users } from '../../core/catalog/snapshots/testing/scratch-store.ts';
import { canonicalRecord } from '../../core/model/canonical.ts';
import { join } from 'node:path';
import { Dice, mutated } from './mutations.ts';
import { Outcomes } from './outcomes.ts';

const catalogs = new TestCatalogs();
let engine: Engine;
let snapshot: string;

beforeAll(async () => {
  const dir = join(catalogs.newFolder(), 'catalog');
  const catalog = await catalogs.open({ dir });
  const content = { realm: [canonicalRecord('realm', { name: 'acme' })], users: users(50) };
  ({ id: snapshot } = await capture(catalog.snapshots, content, undefined, factsOf(content)));
  catalog.close();
  const keys = { passphrase: () => Promise.resolve(PASSPHRASE) };
  engine = await openEngine({ catalogDir: dir, keys, testing: { scrypt: CHEAP_SCRYPT } });
});
afterAll(async () => {
  await engine.close();
  catalogs.clear();
});

/** What is asked of the engine, with texts that anybody may have typed or sent. */
const CALLS: readonly ((client: EngineClient, text: string, dice: Dice) => Promise<unknown>)[] = [
  (client, text) => client.snapshots.get({ snapshot: text }),
  (client, text) => client.snapshots.latest({ environment: text, realm: text }),
  (client, text, dice) => client.snapshots.record({ snapshot, section: dice.of(SECTIONS), key: text }),
  (client, text) => client.snapshots.search({ snapshot, text, limit: 5 }),
  async (client, text) => {
    for await (const _batch of await client.snapshots.searchStream({ snapshot, text }));
  },
  (client, text) => client.snapshots.differences({ left: snapshot, right: snapshot, text }),
  (client, text) => client.snapshots.neighbours({ environment: text, realm: text }),
  (client, text) =>
    client.environments.tryOut({ environment: { name: text, api: { apiUrl: text, clientId: text } } }),
  (client, text) => client.snapshots.list({ environment: text, tag: text }),
  (client, text) => client.snapshots.tag({ snapshot, add: [text], remove: [text] }),
  (client, text) => client.environments.probe({ name: text }),
  (client, text) =>
    client.environments.add({ name: text, api: { apiUrl: text, clientId: text, clientSecret: text } }),
  (client, text) => client.plans.get({ plan: text }),
  (client, text) => client.jobs.get({ job: text }),
  (client, text) => client.jobs.start({ kind: 'apply', plan: text, confirm: text }),
  (client, text) =>
    client.jobs.start({ kind: 'export-archive', snapshots: [text], path: '/nowhere', keys: 'none' }),
  (client, text, dice) => client.jobs.start(JSON.parse(jsonOf(text, dice)) as never),
];

const SOUND = [
  '{"kind":"backup","environment":"x","realms":["a"]}',
  '{"kind":"diff","left":"x","right":"y","limit":5}',
  '{"kind":"apply","plan":"x"}',
  'latest:prod/acme',
  'acme',
  "'; DROP TABLE snapshots; --",
  '../../etc/passwd',
  '1mabcdefghjkmn',
].map((text) => Buffer.from(text));

/** A job as JSON, its values broken; or any text as JSON. Never one that could be started: its kind is none. */
function jsonOf(text: string, dice: Dice): string {
  return dice.below(2) === 0
    ? JSON.stringify({ kind: text, environment: text, path: text })
    : JSON.stringify(text);
}

test(
  'hostile inputs to the engine get an answer or an error that people can read, never a defect',
  { timeout: 120_000 },
  async () => {
    const outcomes = new Outcomes([
      'NOT_FOUND',
      'AMBIGUOUS',
      'USAGE',
      'INVALID_NAME',
      'INVALID_DOCUMENT',
      'FILE_FAILED',
    ]);
    for (let seed = 0; seed < 2600; seed++) {
      const dice = new Dice(seed);
      const text = mutated(dice.of(SOUND), SOUND, dice).toString('utf8').slice(0, 5000);
      const call = CALLS[seed % CALLS.length]!;
      await outcomes.of(`input ${seed} ${JSON.stringify(text.slice(0, 60))}`, async () => {
        try {
          await call(engine.client, text, dice);
        } catch (error) {
          throw asAppError(error);
        }
      });
    }
    outcomes.report('inputs to the engine');
    // Neither is everything answered, nor everything refused at the door.
    for (const said of ['accepted', 'NOT_FOUND', 'USAGE'])
      expect(outcomes.counts[said], said).toBeGreaterThan(100);
    const { tags } = await engine.client.snapshots.get({ snapshot });
    expect(tags).toEqual([]);
  },
);
