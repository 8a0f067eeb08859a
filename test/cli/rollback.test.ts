import { expect, test } from 'vitest';
import type { JobView, WrittenView } from '../../contract/job.ts';
import type { PlanItemView } from '../../contract/plan.ts';
import { apply, applyEndingAs, NOW } from './scripted.ts';

const CONFIRMED = ['--confirm', 'acme', '--confirm-environment', 'prod'];
const UNDONE = apply({ undid: 'job0' });

test('it shows what it will do, asks for the realm’s name also where nothing is deleted, and then does it', async () => {
  const refused = await applyEndingAs(UNDONE, { words: ['rollback', 'job0'], rollback: {} });
  expect(refused.code).toBe(4);
  expect(refused.around.out()).toMatch(
    /^To undo job job0: realm “acme” on “prod” goes back to snapshot snap0, taken just before it\.\nPlan plan1 would change/,
  );
  expect(refused.around.err()).toContain('This brings realm “acme” on “prod” back to what it was.');
  expect(refused.around.err()).toContain(
    'drawbridge rollback job0 --confirm acme --confirm-environment prod',
  );

  const done = await applyEndingAs(UNDONE, { words: ['rollback', 'job0', ...CONFIRMED], rollback: {} });
  expect([done.code, done.around.err()]).toEqual([0, '']);
  expect(done.around.out()).toContain(
    'Undone and verified: realm “acme” on “prod”, read again, is as it was before job job0.',
  );
  // An undoing can itself be undone.
  expect(done.around.out()).toMatch(/To undo this: drawbridge rollback job1\n$/);

  const json = await applyEndingAs(UNDONE, {
    words: ['rollback', 'job0', ...CONFIRMED, '--json'],
    rollback: { destructive: true, mode: 'overwrite' },
  });
  expect(JSON.parse(json.around.out())).toMatchObject({
    job: 'job1',
    undid: 'job0',
    verified: true,
    undo: 'drawbridge rollback job1',
    preview: { mode: 'overwrite' },
  });
});

test('it claims no more than its plan promised, where that leaves something to a person', async () => {
  const words = ['rollback', 'job0', ...CONFIRMED];
  const todo = [
    '1 user has no password: none was written. Set one on the target, or have the user reset it.',
  ];
  const { around } = await applyEndingAs(apply({ undid: 'job0', todo }), { words, rollback: {} });
  expect(around.out()).toContain('is as it was before job job0 in all that the plan promised.\n');
});

test('a realm that was created is removed, and that is said', async () => {
  const words = ['rollback', 'job0'];
  const losses = { users: 12, passwordHashes: 0, clientSecrets: 0, sessions: 'all' as const, records: {} };
  const { code, around } = await applyEndingAs(UNDONE, {
    words,
    rollback: { mode: 'remove', destructive: true, losses },
  });
  expect(code).toBe(4);
  expect(around.out()).toContain('To undo job job0: there was no realm “acme” on “prod” before it.');
  expect(around.out()).toContain('Plan plan1 would delete realm “acme” on “prod” (production).');
  expect(around.err()).toContain('12 users will be gone');
});

test('--dry-run changes nothing, and tells the command that does it', async () => {
  const words = ['rollback', 'job0', '--dry-run'];
  const { code, around } = await applyEndingAs({}, { words, rollback: {} });
  expect([code, around.err()]).toEqual([0, '']);
  expect(around.out()).toMatch(
    /Nothing was changed yet\. To do it:\n {2}drawbridge rollback job0 --confirm acme --confirm-environment prod\n$/,
  );
  const json = await applyEndingAs({}, { words: [...words, '--json'], rollback: { empty: true } });
  expect(JSON.parse(json.around.out())).toMatchObject({
    plan: 'plan1',
    undoes: 'job0',
    safetySnapshot: 'snap0',
    next: null,
  });
});

test('where the realm is already as it was, nothing is asked', async () => {
  const end = apply({ status: 'nothing-to-do', verified: false });
  const { code, around } = await applyEndingAs(end, {
    words: ['rollback', 'job0'],
    rollback: { empty: true },
  });
  expect([code, around.out()]).toEqual([0, expect.stringContaining('Nothing to do: ')]);
  expect(around.out()).not.toContain('To undo this');
});

test('what stands in its way is listed, and nothing is written', async () => {
  const conflict: PlanItemView = {
    section: 'clients',
    key: 'shop',
    action: 'conflict',
    reason: 'client-id-taken',
    explanation: 'The realm “other” of the same server has a client of this id.',
    changes: [],
    warnings: [],
  };
  const { code, around } = await applyEndingAs(UNDONE, {
    words: ['rollback', 'job0', ...CONFIRMED],
    rollback: { blocked: true },
    conflicts: [conflict],
  });
  expect([code, around.err()]).toEqual([
    1,
    expect.stringMatching(/^Error \(PLAN_BLOCKED\): 1 record cannot be brought back as it was\./),
  ]);
  expect(around.out()).toContain('conflict: The realm “other” of the same server has a client of this id.');
  expect(around.err()).toContain('drawbridge plan snap0 prod');
});

const HALF: WrittenView = {
  state: 'part',
  environment: 'prod',
  realm: 'acme',
  databases: [
    { place: 'opengate_user', services: ['user'], outcome: 'committed' },
    { place: 'opengate_rbac', services: ['rbac'], outcome: 'aborted' },
  ],
  text: 'opengate_user was written, opengate_rbac was not.',
};

const BROKEN: Partial<JobView> = {
  state: 'failed',
  safetySnapshot: 'snap3',
  written: HALF,
  error: {
    code: 'HALF_WRITTEN',
    message: 'The connection was lost between two commits.',
    notChanged: '',
    remedy: 'Go back.',
    details: {},
  },
};

test('half written: the error ends with the way back, and the job shows which databases', async () => {
  const { code, around } = await applyEndingAs(BROKEN);
  expect([code, around.err()]).toEqual([
    1,
    'Error (HALF_WRITTEN): The connection was lost between two commits.\nWhat to do: Go back.\n  To undo what was written: drawbridge rollback job1\n',
  ]);
  const json = await applyEndingAs(BROKEN, { words: ['apply', 'plan1', '--json'] });
  expect(JSON.parse(json.around.out())).toMatchObject({
    error: { code: 'HALF_WRITTEN', details: { job: 'job1', undo: 'drawbridge rollback job1' } },
  });
  for (const words of [
    ['job', 'show', 'job1'],
    ['job', 'report', 'job1'],
  ]) {
    const shown = (await applyEndingAs(BROKEN, { words })).around.out();
    expect(shown).toContain('HALF WRITTEN');
    expect(shown).toContain('Half written: opengate_user was written, opengate_rbac was not.');
    expect(shown).toMatch(/opengate_user +user +written\n +opengate_rbac +rbac +not written\n/);
    expect(shown).toContain('To undo what it wrote: drawbridge rollback job1');
  }
});

test('half written: whatever is begun next says so, also with --quiet, but for what undoes it', async () => {
  const { around } = await applyEndingAs(apply({}), {
    words: ['apply', 'plan1', '--quiet'],
    halfWritten: [BROKEN],
  });
  expect(around.err()).toBe(
    'Warning: opengate_user was written, opengate_rbac was not. To undo that: drawbridge rollback job1\n',
  );
  const unknown = {
    ...BROKEN,
    written: { ...HALF, state: 'unknown' as const, text: 'It is not known yet.' },
  };
  const perhaps = (await applyEndingAs(apply({}), { halfWritten: [unknown] })).around.err();
  expect(perhaps).toContain(
    'Warning: prod/acme may be half written. It is not known yet. To look again: drawbridge job show job1\n',
  );
  const shown = await applyEndingAs(BROKEN, { words: ['job', 'show', 'job1'], halfWritten: [BROKEN] });
  expect(shown.around.err()).toBe('');
});

test('nothing written, or undone since: no way back is offered', async () => {
  const nothing = { ...BROKEN, written: { ...HALF, state: 'nothing' as const } };
  const steps = [{ seq: 1, label: 'users', startedAt: NOW, finishedAt: NOW, outcome: 'done' as const }];
  expect((await applyEndingAs(nothing, { report: { steps } })).around.err()).not.toContain('rollback');
  const undone = { ...BROKEN, undoneBy: 'job9' };
  const { around } = await applyEndingAs(undone, { words: ['job', 'show', 'job1'] });
  expect(around.out()).toMatch(/State +undone/);
  expect(around.out()).toMatch(/Undone +by job job9/);
  expect(around.out()).not.toContain('To undo');
});
