import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { readDocument } from '../../core/formats/document-reader.ts';
import { importFile } from '../../core/jobs/import-file.ts';
import { canonicalRecord } from '../../core/model/canonical.ts';
import { parseLine } from '../../core/model/exact-json.ts';
import { Dice, inPieces, mutated } from './mutations.ts';
import { Outcomes } from './outcomes.ts';

const users = Array.from({ length: 12 }, (_, i) => ({
  username: `user-${i}`,
  email: `user-${i}@example.com`,
  firstName: 'Ada',
  enabled: i % 2 === 0,
  roles: ['reader', 'writer'],
  attributes: { phone: ['+49 30 123'], level: 3.5e2 },
  id: `${i}0000000-0000-4000-8000-000000000000`,
}));
const realm = {
  id: 'acme',
  displayName: 'Äcme 🦆',
  accessTokenLifespan: 300,
  smtpConfig: { host: 'mail', port: 25, password: '**********' },
};
const roles = [{ name: 'reader' }, { name: 'writer', composite: true, description: null }];
const clients = [
  { clientId: 'app', redirectUris: ['https://a.example/*'], clientSecret: '********', publicClient: false },
];
const credentials = [{ username: 'user-1', type: 'PASSWORD', secretHash: '$2a$12$x' }];

/** Every form of document that is read. */
const SOUND = [
  { realm, roles, clients, users, credentials, other: { kept: [1, 2, { a: null }] } },
  { users },
  { roles, roleMappings: [{ username: 'user-1', roles: ['reader'] }] },
  { clients },
  users,
  { name: 'acme', displayName: 'Acme', tokenLifespanSeconds: 300, mfaRequired: false },
].flatMap((document) => [
  Buffer.from(JSON.stringify(document)),
  Buffer.from(JSON.stringify(document, undefined, 2)),
]);

const REFUSALS = ['INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE'] as const;

test(
  'ten thousand hostile documents: each is read or refused, none crashes, hangs or fills memory',
  { timeout: 300_000 },
  async () => {
    const outcomes = new Outcomes(REFUSALS);
    for (let seed = 0; seed < 10_500; seed++) {
      const dice = new Dice(seed);
      const bytes = mutated(dice.of(SOUND), SOUND, dice);
      const origin = dice.of(['file', 'server'] as const);
      await outcomes.of(`document ${seed}`, async () => {
        const reading = readDocument(inPieces(bytes, dice), { origin });
        for await (const { section, records } of reading.batches)
          for (const { key, line } of records) {
            // Whatever is accepted is sound: reading what would be stored gives the same again.
            const again = canonicalRecord(section, parseLine(line));
            expect([again.key, again.line.toString()]).toEqual([key, line.toString()]);
          }
        reading.facts();
      });
    }
    outcomes.report('documents');
    expect(outcomes.total).toBe(10_500);
    expect(outcomes.counts['accepted']).toBeGreaterThan(100);
    expect(outcomes.counts['INVALID_DOCUMENT']).toBeGreaterThan(5000);
  },
);

const catalogs = new TestCatalogs();
const folder = mkdtempSync(join(tmpdir(), 'drawbridge-fuzz-'));
afterAll(() => {
  catalogs.clear();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'what comes into the catalog of them is whole, and of what was refused nothing',
  { timeout: 300_000 },
  async () => {
    const { snapshots } = await catalogs.open();
    const job = { signal: new AbortController().signal, progress: () => {} };
    const outcomes = new Outcomes([...REFUSALS, 'DUPLICATE_KEY']);
    const path = join(folder, 'document.json');
    for (let seed = 0; seed < 600; seed++) {
      const dice = new Dice(1_000_000 + seed);
      writeFileSync(path, mutated(dice.of(SOUND), SOUND, dice));
      const before = snapshots.list().length;
      const accepted = await outcomes.of(`file ${seed}`, () => importFile(job, snapshots, { path }));
      expect(snapshots.list().length - before, `file ${seed}`).toBe(accepted ? 1 : 0);
    }
    outcomes.report('files into the catalog');
    const report = await snapshots.verify(undefined);
    expect([report.damaged, report.snapshots]).toEqual([[], outcomes.counts['accepted']]);
  },
);
