import {
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACTIONS } from '../../contract/plan.ts';
import type { ReportItem } from '../../contract/report.ts';
import { addWords, setStage, type Stage } from './sandboxed.ts';

let stage: Stage;
const SETTLED = '--realm merge --users merge --clients skip --unsupported skip --conflicts skip'.split(' ');

beforeAll(async () => {
  stage = await setStage(1200);
  await stage.run(...addWords(stage, 'dev'));
  await stage.run(...addWords(stage, 'prod'));
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function newestJob(): Promise<string> {
  const { jobs } = (await stage.run('job', 'list', '--limit', '1', '--json')).json() as unknown as {
    jobs: { id: string }[];
  };
  return jobs[0]!.id;
}

async function itemsOf(job: string): Promise<ReportItem[]> {
  return ((await stage.run('job', 'report', job, '--json')).json() as unknown as { items: ReportItem[] })
    .items;
}

test('every kind of job has a report in every form', async () => {
  const file = join(stage.folder, 'acme.json');
  const plan = ['plan', 'latest:dev/acme', 'prod', ...SETTLED];
  const kinds: [string, string[]][] = [
    ['backup', ['backup', 'dev', 'acme']],
    ['verify', ['snapshot', 'verify']],
    ['diff', ['diff', 'latest:dev/acme', 'prod/acme']],
    ['plan', plan],
    ['export-file', ['snapshot', 'export', 'latest:dev/acme', '--out', file]],
    ['import-file', ['snapshot', 'import', file]],
    ['seed', ['seed', file, 'prod']],
    ['apply', ['migrate', 'latest:dev/acme', 'prod', ...SETTLED]],
  ];
  for (const [kind, words] of kinds) {
    await stage.run(...words);
    const job = await newestJob();
    const html = await stage.run('job', 'report', job, '--format', 'html');
    expect([kind, html.code, html.out]).toEqual([
      kind,
      0,
      expect.stringMatching(/^<!doctype html>[^]*<\/html>\n$/),
    ]);
    const junit = await stage.run('job', 'report', job, '--format', 'junit');
    expect([kind, junit.code, junit.out]).toEqual([
      kind,
      0,
      expect.stringMatching(
        new RegExp(`^<\\?xml [^]*classname="drawbridge\\.${kind}\\.job"[^]*</testsuites>\n$`),
      ),
    ]);
    expect((await stage.run('job', 'report', job, '--format', 'csv')).out).toContain('\r\njob,');
    expect((await stage.run('job', 'report', job, '--json')).json()).toMatchObject({
      job: { id: job, kind },
    });
    const text = (await stage.run('job', 'report', job)).out;
    expect(text).toMatch(/^Job /);
    if (kind === 'backup') expect(text).toContain('1,200 users');
  }
});

test('after an apply every record of the plan is there, with its outcome', async () => {
  const job = await newestJob();
  const items = await itemsOf(job);
  const { plan, stepCount, steps } = (await stage.run('job', 'report', job, '--json')).json() as unknown as {
    plan: { sections: Record<string, Record<string, number>> };
    stepCount: number;
    steps: unknown[];
  };
  // Records that are the same on both sides are counted, not listed.
  const planned = Object.values(plan.sections).flatMap(Object.entries) as [string, number][];
  const number = (action: string) => items.filter((item) => item.action === action).length;
  for (const action of ACTIONS.filter((one) => one !== 'unchanged'))
    expect([action, number(action)]).toEqual([
      action,
      planned.reduce((sum, [name, count]) => sum + (name === action ? count : 0), 0),
    ]);
  expect(number('create')).toBeGreaterThan(100);
  expect(new Set(items.map(({ outcome }) => outcome))).toEqual(new Set(['done', 'left']));
  for (const { action, outcome } of items)
    expect([action, outcome]).toEqual([action, action === 'create' || action === 'update' ? 'done' : 'left']);
  expect(steps).toHaveLength(stepCount);
  const csv = (await stage.run('job', 'report', job, '--format', 'csv')).out;
  expect(csv.match(/^item,/gm)).toHaveLength(items.length);
});

test('a job that was broken off tells of each record how far it came', async () => {
  await stage.run('rollback', await newestJob(), '--confirm', 'acme');
  let left = 1;
  stage.misbehave(({ path }) =>
    path.endsWith('/users/import') && left-- <= 0 ? { kind: 'answer', status: 403 } : undefined,
  );
  const broken = await stage.run('migrate', 'latest:dev/acme', 'prod', ...SETTLED, '--json');
  stage.misbehave(undefined);
  expect(broken.code).not.toBe(0);
  const job = await newestJob();
  const items = await itemsOf(job);
  const users = items.filter(({ section, outcome }) => section === 'users' && outcome !== 'left');
  const outcomes = new Set(users.map(({ outcome }) => outcome));
  expect(outcomes).toContain('done');
  expect(outcomes).toContain('not-written');
  // What it calls done is on the target, and what it calls not written is not.
  const now = (
    await stage.run('plan', 'latest:dev/acme', 'prod', ...SETTLED, '--json')
  ).json() as unknown as {
    sections: { users: Record<string, number> };
  };
  for (const action of ['create', 'update']) {
    const open = users.filter((item) => item.action === action && item.outcome !== 'done').length;
    expect([action, now.sections.users[action]]).toEqual([action, open]);
  }
  const junit = (await stage.run('job', 'report', job, '--format', 'junit')).out;
  expect(junit).toMatch(/<failure type="FORBIDDEN"/);
});

test('a file: its form by its ending, for its owner only, and never in the place of another unasked', async () => {
  const job = await newestJob();
  const html = join(stage.folder, 'report.html');
  const wrote = await stage.run('job', 'report', job, '--out', html);
  expect([wrote.code, wrote.out]).toEqual([
    0,
    expect.stringMatching(/^Wrote “.*report\.html” \(.*kB\)\.\n$/),
  ]);
  expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/);
  expect(statSync(html).mode & 0o777).toBe(0o600);

  writeFileSync(html, 'mine');
  const kept = await stage.run('job', 'report', job, '--out', html, '--json');
  expect([kept.code, kept.json()]).toMatchObject([1, { error: { code: 'FILE_FAILED' } }]);
  expect(readFileSync(html, 'utf8')).toBe('mine');
  const replaced = await stage.run('job', 'report', job, '--out', html, '--replace', '--json');
  expect(replaced.json()).toEqual({ job, format: 'html', path: html, bytes: statSync(html).size });
  expect(statSync(html).size).toBeGreaterThan(1000);

  const xml = join(stage.folder, 'junit.xml');
  await stage.run('job', 'report', job, '--out', xml);
  expect(readFileSync(xml, 'utf8')).toContain('<testsuites');
  const odd = await stage.run('job', 'report', job, '--out', join(stage.folder, 'report'));
  expect([odd.code, odd.err]).toEqual([2, expect.stringContaining('--format text, html, json, csv, junit')]);
  // As text it is what a terminal shows.
  const shown = await stage.run('job', 'report', job, '--format', 'text');
  for (const words of [['report', '--format', 'text'], ['report.txt']]) {
    const text = join(stage.folder, words[0]!);
    const saved = await stage.run('job', 'report', job, '--out', text, ...words.slice(1), '--json');
    expect([saved.code, saved.json()]).toEqual([
      0,
      { job, format: 'text', path: text, bytes: statSync(text).size },
    ]);
    expect([readFileSync(text, 'utf8'), statSync(text).mode & 0o777]).toEqual([shown.out, 0o600]);
    expect((await stage.run('job', 'report', job, '--out', text, ...words.slice(1))).code).toBe(1);
  }
  expect((await stage.run('job', 'report', job, '--replace')).code).toBe(2);
  expect(readdirSync(stage.folder).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
});

test('no file that a command writes takes the place of the catalog, or of what the command reads', async () => {
  await stage.run('backup', 'dev', 'acme');
  const job = await newestJob();
  const own = join(stage.env['DRAWBRIDGE_CATALOG']!, 'catalog.db');
  const [link, hard] = [join(stage.folder, 'link.xml'), join(stage.folder, 'hard.xml')];
  symlinkSync(own, link);
  linkSync(own, hard);
  const places = [own, `${own}-wal`, `${own}-journal`, link, hard];
  const before = statSync(own).ino;
  for (const place of places)
    for (const words of [
      ['diff', 'latest:dev/acme', 'latest:dev/acme', '--junit', place],
      ['snapshot', 'export', 'latest:dev/acme', '--replace', '--out', place],
      [
        'snapshot',
        'export',
        'latest:dev/acme',
        '--format',
        'archive',
        '--unencrypted',
        '--replace',
        '--out',
        place,
      ],
      ['job', 'report', job, '--format', 'html', '--replace', '--out', place],
      ['job', 'report', job, '--format', 'text', '--replace', '--out', place],
      ['catalog', 'recovery-key', 'new', '--out', place],
    ]) {
      const refused = await stage.run(...words, '--json');
      expect([words, refused.code, refused.json()]).toMatchObject([words, 2, { error: { code: 'USAGE' } }]);
    }
  // A copy replaces nothing anyway.
  for (const place of places) expect((await stage.run('catalog', 'backup', place)).code, place).not.toBe(0);
  expect([statSync(own).ino, lstatSync(link).isSymbolicLink()]).toEqual([before, true]);
  expect((await stage.run('snapshot', 'verify', '--json')).code).toBe(0);

  const key = join(stage.folder, 'passphrase');
  writeFileSync(key, 'of the archive', { mode: 0o600 });
  const words = ['snapshot', 'export', 'latest:dev/acme', '--format', 'archive', '--passphrase-file', key];
  expect((await stage.run(...words, '--replace', '--out', key)).code).toBe(2);
  expect(readFileSync(key, 'utf8')).toBe('of the archive');
});

test('who has to be attended to is marked at each record, in as many as are counted', async () => {
  const words = 'migrate latest:dev/acme prod --realm-name fresh --unsupported skip --conflicts skip --json';
  const ran = await stage.run(...words.split(' '));
  const { job, todo } = ran.json() as unknown as { job: string; todo: string[] };
  const items = await itemsOf(job);
  const marked = (kind: string) =>
    items.filter(({ notes = [] }) => notes.some((note) => note.kind === kind)).map(({ key }) => key);
  const counted = (sentence: RegExp) => Number(todo.join('\n').match(sentence)![1]!.replaceAll(',', ''));
  const users = marked('no-password');
  expect(users.length).toBeGreaterThan(1000);
  expect(users).toHaveLength(counted(/^([\d,]+) users have no password/m));
  const clients = marked('new-client-secret');
  expect(clients.length).toBeGreaterThan(0);
  expect(clients).toHaveLength(counted(/^([\d,]+) clients? \(.*\) got a new client secret/m));
  const named = todo.find((sentence) => sentence.includes('got a new client secret'))!;
  for (const client of clients.slice(0, 5)) expect(named).toContain(`“${client}”`);

  const csv = (await stage.run('job', 'report', job, '--format', 'csv')).out;
  expect(csv.match(/^item,done,users,.*[" ]no-password: It has no password/gm)).toHaveLength(users.length);
  for (const client of clients)
    expect(csv).toMatch(new RegExp(`^item,done,clients,${client},.*new-client-secret: It got a new`, 'm'));
  const html = (await stage.run('job', 'report', job, '--format', 'html')).out;
  for (const client of clients) expect(html).toContain(client);
  expect(html).toContain('It got a new client secret');
});

test('what an overwrite loses has to be seen to afterwards, and is marked too', async () => {
  const words = 'migrate latest:dev/acme prod --realm overwrite --unsupported skip --conflicts skip --json';
  const ran = await stage.run(...words.split(' '), '--confirm', 'acme');
  const { job, todo, preview } = ran.json() as unknown as {
    job: string;
    todo: string[];
    preview: { losses: { passwordHashes: number; clientSecrets: number } };
  };
  const { passwordHashes, clientSecrets } = preview.losses;
  expect([passwordHashes, clientSecrets].every((count) => count > 1)).toBe(true);
  expect(todo).toEqual(
    expect.arrayContaining([
      `Up to ${passwordHashes.toLocaleString('en-US')} passwords were lost: who had one, the target does not tell. Set others on the target, or have the users reset them.`,
      expect.stringMatching(new RegExp(`^${clientSecrets} client secrets were lost: `)),
    ]),
  );
  const items = await itemsOf(job);
  const marked = (kind: string) => items.filter(({ notes = [] }) => notes.some((note) => note.kind === kind));
  expect([marked('lost-password').length, marked('lost-client-secret').length]).toEqual([
    passwordHashes,
    clientSecrets,
  ]);
});
