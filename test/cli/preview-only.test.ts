import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlanView } from '../../contract/plan.ts';
import { addWords, setStage, type Stage } from './sandboxed.ts';

let stage: Stage;
const SETTLED = '--realm merge --clients skip --unsupported skip --conflicts skip'.split(' ');

beforeAll(async () => {
  stage = await setStage(120);
  await stage.run(...addWords(stage, 'dev'));
  await stage.run(...addWords(stage, 'prod', '--stage', 'production'));
  await stage.run('backup', 'dev', 'acme');
});
afterAll(async () => stage[Symbol.asyncDispose]());

/** What a plan would do is told anew each time: it stays the same where nothing was written. */
async function toCreate(): Promise<number> {
  const plan = await stage.run('plan', 'latest:dev/acme', 'prod', ...SETTLED, '--json');
  return (plan.json() as unknown as PlanView).sections.users!.create;
}

test.each([
  ['restore', ['restore', 'latest:dev/acme', 'prod']],
  ['migrate', ['migrate', 'latest:dev/acme', 'prod']],
])('%s --dry-run previews, writes nothing, and names what carries exactly that out', async (_, words) => {
  const before = await toCreate();
  expect(before).toBeGreaterThan(0);
  const { code, out } = await stage.run(...words, ...SETTLED, '--dry-run');
  expect(code).toBe(0);
  const [, plan] = /^Plan (\w+) would change/.exec(out)!;
  expect(out).toMatch(new RegExp(`\nNothing was changed yet\\. .*\n  drawbridge apply ${plan}\n$`));
  expect(await toCreate()).toBe(before);

  const json = (await stage.run(...words, ...SETTLED, '--dry-run', '--json')).json() as unknown as PlanView;
  expect(json).toMatchObject({ applied: false, next: `drawbridge apply ${json.plan}` });
  const blocked = await stage.run(...words, '--realm', 'merge', '--dry-run');
  expect([blocked.code, blocked.out]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`Blocked: [^]*\n  drawbridge ${words.join(' ')} --dry-run --realm merge `),
    ),
  ]);
});

test('a plan of records that there are none of is none', async () => {
  const typed = await stage.run('plan', 'latest:dev/acme', 'prod', ...SETTLED, '--only', 'users/nobody');
  expect([typed.code, typed.out]).toEqual([1, '']);
  expect(typed.err).toContain('Error (NOT_FOUND): Neither the source nor the target has “users/nobody”.');
  const chosen = '--only users/nobody --only users/alice'.split(' ');
  const one = await stage.run('plan', 'latest:dev/acme', 'prod', ...SETTLED, ...chosen);
  expect([one.code, one.out]).toEqual([0, expect.stringContaining('“users/nobody” was chosen, but neither')]);
});

test('plans are listed and shown again, and jobs name theirs', async () => {
  const made = (
    await stage.run('plan', 'latest:dev/acme', 'prod', ...SETTLED, '--json')
  ).json() as unknown as PlanView;
  const list = await stage.run('plan', 'list', '--limit', '1');
  expect(list.out).toMatch(
    new RegExp(`^Plan .*\n${made.plan} +open .* dev/acme, snapshot \\w+ +prod/acme +merge\n$`),
  );
  const listed = (await stage.run('plan', '--json', 'list')).json() as unknown as { plans: PlanView[] };
  expect(listed.plans[0]).toMatchObject({ plan: made.plan, applied: false });

  const shown = await stage.run('plan', 'show', made.plan.slice(0, 6), '--show', 'create', '--limit', '2');
  expect(shown.out).toContain(`Plan ${made.plan} would change realm`);
  expect(shown.out).toContain(`To see more: drawbridge plan show ${made.plan} --show create --limit 40`);
  expect(shown.out).toContain(`\n  drawbridge apply ${made.plan}\n`);
  expect((await stage.run('plan', 'show', made.plan, '--json')).json()).toMatchObject({ plan: made.plan });

  const jobs = await stage.run('job', 'list', '--limit', '1');
  expect(jobs.out).toMatch(new RegExp(`^Job .* Plan .*\n.* ${made.plan} `));
  const job = /\n(\w+)/.exec(jobs.out)![1]!;
  expect((await stage.run('job', 'show', job)).out).toMatch(new RegExp(`\n  Plan +${made.plan}\n`));

  expect((await stage.run('apply', made.plan)).code).toBe(0);
  const applied = await stage.run('plan', 'show', made.plan);
  expect(applied.out).toMatch(/\nThis plan was applied\.\n$/);
  expect((await stage.run('plan', 'list', '--limit', '1')).out).toContain(' applied ');
});

test('a file called list or show is planned from with ./ in front', async () => {
  for (const word of ['./list', './show']) {
    const { code, err } = await stage.run('plan', word, 'prod');
    expect([code, err]).toEqual([1, expect.stringContaining(`${word.slice(2)}”`)]);
  }
  // After “--” nothing is a command’s name any more.
  expect((await stage.run('plan', '--', 'list', 'prod')).err).toContain('There is no snapshot “list”');
});

test('what writes, carries out or throws away takes no id of one letter', async () => {
  for (const words of [
    ['apply', 'w'],
    ['rollback', 'x'],
    ['restore', '1m'],
    ['migrate', '1', 'prod'],
    ['job', 'resume', 'abc'],
    ['job', 'cancel', 'a'],
    ['job', 'retry', 'a'],
    ['job', 'secrets', 'a'],
    ['snapshot', 'delete', '1'],
    ['snapshot', 'pin', '1', '--unpin'],
  ]) {
    const { code, err } = await stage.run(...words);
    expect([words, code, err]).toEqual([
      words,
      2,
      expect.stringContaining(
        'Give at least 4 characters of the id: what is changed by it is not to be found by chance.',
      ),
    ]);
  }
  // Looking does no harm.
  const [first] = (await stage.run('job', 'list', '--json')).json()['jobs'] as unknown as { id: string }[];
  expect((await stage.run('job', 'show', first!.id.slice(0, 3))).err).not.toContain('at least 4');
});
