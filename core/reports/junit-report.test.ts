import { expect, test } from 'vitest';
import type { JobReport, JobResult } from '../../contract/job.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { junitReport } from './junit-report.ts';
import { manyOf, reportOf, sourceOf, textOf } from './testing/sources.ts';

/** What the schema of maven-surefire and Jenkins’ allow, as far as we use it: element → its attributes and children. */
const SCHEMA: Readonly<Record<string, { attributes: string; children: string }>> = {
  testsuites: { attributes: 'name tests failures errors skipped time', children: 'testsuite' },
  testsuite: {
    attributes: 'name tests failures errors skipped time timestamp',
    children: 'properties testcase',
  },
  properties: { attributes: '', children: 'property' },
  property: { attributes: 'name value', children: '' },
  testcase: { attributes: 'name classname time', children: 'failure skipped system-out' },
  failure: { attributes: 'type message', children: '' },
  skipped: { attributes: 'message', children: '' },
  'system-out': { attributes: '', children: '' },
};

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly failure?: { type: string; message: string; text: string };
  readonly skipped?: string;
  readonly told?: string;
}

/** Reads the XML as strictly as a parser does: every tag closed in order, every character allowed, nothing else between. */
function read(xml: string): { suite: Record<string, string>; cases: Case[] } {
  expect(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n')).toBe(true);
  expect(xml).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
  const open: string[] = [];
  const cases: Record<string, unknown>[] = [];
  let suite: Record<string, string> = {};
  const pieces = xml
    .slice(xml.indexOf('\n'))
    .matchAll(/<(\/?)([\w-]+)((?: [\w]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#39);[^"<&]*)*")*)(\/?)>|([^<]+)/g);
  let length = 0;
  for (const [all, close, name, attributes = '', alone, text] of pieces) {
    length += all.length;
    if (text !== undefined) {
      if (open.at(-1) === 'failure') (cases.at(-1)!['failure'] as { text: string }).text = plain(text);
      else if (open.at(-1) === 'system-out') cases.at(-1)!['told'] = plain(text);
      else expect(text.trim()).toBe('');
      continue;
    }
    if (close) {
      expect(open.pop()).toBe(name);
      continue;
    }
    const given = Object.fromEntries(
      [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, plain(value!)]),
    );
    const parent = open.at(-1);
    if (parent) expect(SCHEMA[parent]!.children.split(' ')).toContain(name);
    expect(SCHEMA[name!]!.attributes.split(' ')).toEqual(expect.arrayContaining(Object.keys(given)));
    if (name === 'testsuite') suite = given;
    if (name === 'testcase') cases.push(given);
    if (name === 'failure') cases.at(-1)!['failure'] = { ...given, text: '' };
    if (name === 'skipped') cases.at(-1)!['skipped'] = given['message'];
    if (!alone) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(length).toBe(xml.length - xml.indexOf('\n'));
  return { suite, cases: cases as unknown as Case[] };
}

function plain(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

async function casesOf(report: JobReport): Promise<Case[]> {
  return read(await textOf(junitReport(sourceOf(report)))).cases;
}

const counts = { create: 3, update: 0, unchanged: 0, skip: 0, delete: 0, conflict: 0 };
const PLAN = {
  plan: 'plan1',
  createdAt: '2026-03-04T05:06:07.000Z',
  applied: true,
  source: { snapshot: 'snap1', realm: 'acme', environment: 'dev' },
  target: { environment: 'prod', stage: 'production', realm: 'acme', exists: true, snapshot: 'snap2' },
  mode: 'merge' as const,
  destructive: false,
  blocked: false,
  empty: false,
  losses: { users: 0, passwordHashes: 0, clientSecrets: 0, sessions: 0 as const, records: {} },
  sections: { roles: counts, users: counts },
  cannotSet: [],
  warnings: [],
  policy: {},
};

const APPLIED: JobResult = {
  kind: 'apply',
  result: {
    status: 'succeeded',
    environment: 'prod',
    realm: 'acme',
    plan: 'plan1',
    verified: true,
    counts: { create: 6, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 0, retries: 0 },
    failures: 0,
    deviations: [],
    deviationCount: 0,
    safetySnapshot: 'snap3',
    verificationSnapshot: 'snap4',
    todo: [],
  },
};

test('an apply: a case for the job, for each section, and for the verification', async () => {
  const xml = await textOf(junitReport(sourceOf(reportOf({ result: APPLIED }, { plan: PLAN }))));
  const { suite, cases } = read(xml);
  expect(suite).toEqual({
    name: 'drawbridge apply',
    tests: '4',
    failures: '0',
    errors: '0',
    skipped: '0',
    time: '62.500',
    timestamp: '2026-03-04T05:06:07',
  });
  expect(cases.map(({ classname, name }) => `${classname} ${name}`)).toEqual([
    'drawbridge.apply.job Apply plan plan1: acme → prod/acme',
    'drawbridge.apply.records roles: create 3',
    'drawbridge.apply.records users: create 3',
    'drawbridge.apply.verification the target, read again, is as promised',
  ]);
});

test('records that failed fail their section, with the reasons; what data says stays text', async () => {
  const hostile = '"]]></failure><testcase name="forged"/>\u0000\u001b[2J\uFFFE\u202E';
  const failures = [{ section: 'users' as const, key: hostile, reason: 'refused\nat length' }];
  const cases = await casesOf(reportOf({ title: hostile, result: APPLIED }, { plan: PLAN, failures }));
  expect(cases.map(({ failure }) => failure?.type)).toEqual([
    undefined,
    undefined,
    'ITEM_FAILURES',
    undefined,
  ]);
  expect(cases[2]!.failure).toMatchObject({ message: '1 record of “users” failed.' });
  expect(cases[2]!.failure!.text).toBe(
    'users/"]]></failure><testcase name="forged"/>/\\u{1B}[2J\\u{FFFE}\\u{202E}: refused\n  at length',
  );
});

test('of a million failures each section has the first, and their number', async () => {
  const source = {
    ...sourceOf(reportOf({ result: APPLIED }, { plan: PLAN })),
    failures: () => manyOf(1_000_000, (at) => ({ section: 'users' as const, key: `u${at}`, reason: 'no' })),
  };
  const { cases } = read(await textOf(junitReport(source)));
  expect(cases[2]!.failure!.message).toBe('1,000,000 records of “users” failed.');
  expect(cases[2]!.failure!.text.split('\n')).toHaveLength(101);
});

test('a job that stopped: it fails, and what is not known is skipped, not passed', async () => {
  const error = {
    code: 'UNREACHABLE' as const,
    message: 'Gone.',
    notChanged: 'The rest.',
    remedy: 'Wait.',
    details: {},
  };
  const cases = await casesOf(reportOf({ state: 'failed', error }, { plan: PLAN }));
  expect(cases[0]!.failure).toEqual({
    type: 'UNREACHABLE',
    message: 'Gone.',
    text: 'Gone.\n  The rest.\n  Wait.',
  });
  expect(cases.slice(1).map(({ skipped }) => skipped !== undefined)).toEqual([true, true]);
  const [killed] = await casesOf(reportOf({ state: 'interrupted' }));
  expect(killed!.failure!.type).toBe('INTERRUPTED');
  const [running] = await casesOf(reportOf({ state: 'running' }));
  expect(running!.skipped).toBe('The job has not ended yet.');
});

test('what was not as promised fails the verification', async () => {
  const deviations = [{ section: 'users' as const, key: 'eve', kind: 'changed', members: ['email'] }];
  const result = {
    ...APPLIED,
    result: { ...APPLIED.result, verified: false, deviations, deviationCount: 2 },
  };
  const cases = await casesOf(reportOf({ result }, { plan: PLAN }));
  expect(cases.at(-1)!.failure).toEqual({
    type: 'VERIFICATION_FAILED',
    message: '2 records are not as promised.',
    text: 'users/eve: changed email',
  });
});

test('a backup: a case for each section of each realm; what could not be read fails', async () => {
  const snapshot: SnapshotView = {
    id: 'snap1',
    realm: 'acme',
    environment: 'prod',
    channel: 'postgres',
    dialect: 'postgres',
    purpose: 'backup',
    startedAt: '2026-03-04T05:06:07.000Z',
    finishedAt: '2026-03-04T05:06:08.000Z',
    root: 'r',
    unchanged: false,
    complete: false,
    counts: { realm: 1, users: 4312 },
    bytes: 1,
    missing: [],
    warnings: [],
    tags: [],
    pinned: false,
  };
  const failures = [{ section: 'policies' as const, key: 'acme', reason: 'GRANT SELECT lacks.' }];
  const report = reportOf(
    { kind: 'backup', state: 'succeeded_with_errors', result: { kind: 'backup', snapshots: [snapshot] } },
    { failures },
  );
  const cases = await casesOf(report);
  expect(cases.slice(1).map(({ classname, name, failure }) => [classname, name, failure?.text])).toEqual([
    ['drawbridge.backup.acme', 'snapshot snap1, not whole', undefined],
    ['drawbridge.backup.acme', 'realm: 1', undefined],
    ['drawbridge.backup.acme', 'users: 4,312', undefined],
    ['drawbridge.backup.acme', 'policies: not read', 'policies/acme: GRANT SELECT lacks.'],
  ]);
  const imported = await casesOf(
    reportOf({
      kind: 'import-file',
      result: {
        kind: 'import-file',
        snapshot,
        snapshots: [snapshot, { ...snapshot, id: 'snap2', realm: 'shop' }],
        alreadyThere: [{ archived: 'snap0', snapshot: 'snap8', trashed: false }],
      },
    }),
  );
  expect(imported.slice(1).map(({ name }) => name)).toEqual([
    'snapshot snap1, not whole',
    'realm: 1',
    'users: 4,312',
    'snapshot snap2, not whole',
    'realm: 1',
    'users: 4,312',
    'snapshot snap8, there already',
  ]);
});

test('a comparison fails where there are differences, a blocked plan where there are conflicts, a verification where there is damage', async () => {
  const same = { added: 0, removed: 0, changed: 0, same: 3, unknown: false };
  const comparison = {
    left: 'a',
    right: 'b',
    equal: false,
    sections: { roles: same, users: { ...same, changed: 1 }, groups: { ...same, unknown: true } },
    differences: [
      {
        section: 'users' as const,
        key: 'eve',
        kind: 'changed' as const,
        changes: [{ member: 'email', from: 'x', to: 'y' }],
      },
    ],
    truncated: false,
  };
  const diff = await casesOf(reportOf({ kind: 'diff', result: { kind: 'diff', comparison } }));
  expect(diff.slice(1).map(({ name, failure, skipped }) => [name, failure?.text, skipped])).toEqual([
    ['roles', undefined, undefined],
    ['groups', undefined, 'One side does not tell about it.'],
    ['users', 'changed users/eve\n    email: "x" → "y"', undefined],
  ]);
  const blocked = { ...PLAN, blocked: true, sections: { users: { ...counts, conflict: 2 } } };
  const plan = await casesOf(reportOf({ kind: 'plan', result: { kind: 'plan', plan: blocked } }));
  expect(plan[1]!.failure!.message).toBe('2 conflicts must be settled first.');
  const verify = await casesOf(
    reportOf({
      kind: 'verify',
      result: {
        kind: 'verify',
        report: {
          snapshots: 1,
          chunks: 2,
          bytes: 3,
          damaged: [{ snapshot: 's1', section: 'users', text: 'Gone.' }],
        },
      },
    }),
  );
  expect(verify[1]).toMatchObject({ name: 'snapshot s1 users', failure: { text: 'Gone.' } });
});
