import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlanView } from '../../contract/plan.ts';
import type { ReportItem } from '../../contract/report.ts';
import { addWords, setStage, type Stage } from './sandboxed.ts';

let stage: Stage;
let plan: PlanView;

beforeAll(async () => {
  stage = await setStage(120);
  await stage.run(...addWords(stage, 'dev'));
  await stage.run(...addWords(stage, 'prod'));
  await stage.run('backup', 'dev', 'acme');
  const made = await stage.run(
    'plan',
    'latest:dev/acme',
    'prod',
    '--realm',
    'merge',
    '--clients',
    'skip',
    '--json',
  );
  plan = made.json() as unknown as PlanView;
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function newestJob(): Promise<string> {
  const { jobs } = (await stage.run('job', 'list', '--limit', '1', '--json')).json() as unknown as {
    jobs: { id: string }[];
  };
  return jobs[0]!.id;
}

test('the report of a plan has its id, its policy, its table and each record, in every form', async () => {
  const job = await newestJob();
  const json = (await stage.run('job', 'report', job, '--json')).json() as unknown as {
    plan: PlanView;
    items: ReportItem[];
  };
  expect(json.plan.plan).toBe(plan.plan);
  expect(json.plan.policy).toMatchObject({ realm: 'merge', clients: 'skip' });
  const planned = Object.values(plan.sections).flatMap(Object.entries) as [string, number][];
  const differing = planned.reduce((sum, [action, count]) => sum + (action === 'unchanged' ? 0 : count), 0);
  expect(json.items).toHaveLength(differing);
  // A plan writes nothing.
  expect(new Set(json.items.map(({ outcome }) => outcome))).toEqual(new Set(['not-written', 'left']));

  const csv = (await stage.run('job', 'report', job, '--format', 'csv')).out;
  expect(csv).toContain(`\r\nplan,merge,,${plan.plan},`);
  expect(csv).toContain('\r\npolicy,,,Realm,merge');
  expect(csv).toMatch(/\r\nplanned,,users,,\d+,,,create/);
  expect(csv.match(/^item,/gm)).toHaveLength(differing);

  const html = (await stage.run('job', 'report', job, '--format', 'html')).out;
  expect(html).toContain(plan.plan);
  expect(html).toContain('Policy realm');
  const junit = (await stage.run('job', 'report', job, '--format', 'junit')).out;
  expect(junit).toContain(`Plan: ${plan.plan}`);

  const text = (await stage.run('job', 'report', job)).out;
  expect(text).toContain(`Plan ${plan.plan} would change realm`);
  expect(text).toContain('Policy: --realm merge --clients skip');
  expect(text).toMatch(/\n {2}Section +Create/);
  expect(text).toMatch(/\nWhat became of each record:\n {2}\w+ .*: not written\. /);
  expect(text).toMatch(/\nLeft as they are:\n {2}(?:skip|conflict) \w+\/.*\. /);
  expect(text).toMatch(new RegExp(`\\nSingle records: drawbridge job report ${job} --format csv\\n$`));
});

test('the report of an apply names who was skipped, and not itself', async () => {
  const blocked = plan.blocked ? ['--conflicts', 'skip', '--unsupported', 'skip'] : [];
  const words = ['migrate', 'latest:dev/acme', 'prod', '--realm', 'merge', '--clients', 'skip', ...blocked];
  expect((await stage.run(...words)).code).toBe(0);
  const job = await newestJob();
  const text = (await stage.run('job', 'report', job)).out;
  expect(text).toMatch(/\nLeft as they are:\n[^]* {2}skip users\/\S+\. /);
  expect(text).not.toContain('\nReport: ');
  expect(text).toMatch(/\nSingle records: .* --format csv\n$/);
  expect(text).toContain(': done. ');
});
