import type { ApplyResult, JobView } from '../../contract/job.ts';
import type { PlanView } from '../../contract/plan.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import type { SandboxEnvironment } from '../../sandbox/index.ts';
import { EXIT } from '../exit-codes.ts';
import type { Demonstration } from './demonstration.ts';
import type { DemoEvidence } from './evidence.ts';

/** Settles every conflict of the story in the way that changes least. */
const SETTLED = '--realm merge --users merge --clients skip --unsupported skip --conflicts skip';

/** Tells the story from start to end; each scene is commands that anybody could type. */
export async function tellStory(demo: Demonstration, users: number): Promise<DemoEvidence> {
  const begun = performance.now();
  demo.say('Two OpenGate stand-ins, each over a PostgreSQL of its own: dev, filled with people, and prod.');
  const [dev, prod] = await demo.startSandbox(users);
  // Made unseen: “env add” would say where, and this one is gone at the end.
  await demo.ask('catalog init');
  await meet(demo, dev!, 'development');
  await meet(demo, prod!, 'production');
  const storage = await backUp(demo);
  const refused = await previewAndSettle(demo);
  const applied = await apply(demo);
  const created = await createElsewhere(demo);
  const databases = await bringTheRest(demo, dev!, prod!);
  return {
    ...storage,
    ...refused,
    applied,
    created,
    databases,
    milliseconds: Math.round(performance.now() - begun),
  };
}

async function meet(demo: Demonstration, environment: SandboxEnvironment, stage: string): Promise<void> {
  const { name, apiUrl, authUrl, clientId, clientSecret } = environment;
  const variable = `${name.toUpperCase()}_SECRET`;
  demo.setVariable(variable, clientSecret);
  demo.say(
    `Drawbridge meets ${name}. The client’s secret is in the environment variable ${variable}, never in a command line.`,
  );
  await demo.show(
    `env add ${name} --stage ${stage} --api-url ${apiUrl} --auth-url ${authUrl} --client-id ${clientId} --client-secret-env ${variable}`,
  );
}

async function backUp(demo: Demonstration): Promise<Pick<DemoEvidence, 'captured' | 'growth'>> {
  demo.say('A backup of two realms of dev, into an encrypted catalog.');
  await demo.show('backup dev acme field-ops --tag demo');
  const captured = ((await demo.ask('snapshot list --tag demo')) as { snapshots: SnapshotView[] }).snapshots;
  const first = await demo.catalogBytes();
  demo.say('The same again. Nothing changed meanwhile, so nothing is stored twice.');
  await demo.show('backup dev acme field-ops');
  const second = await demo.catalogBytes();
  demo.say('Every byte of it, proved; and one person found in it.');
  await demo.show('snapshot verify');
  await demo.show('snapshot show latest:dev/acme --record users/alice');
  return {
    captured: captured
      .toReversed()
      .map(({ id, realm, counts, bytes }) => ({ snapshot: id, realm, counts, bytes })),
    growth: { firstBytes: first, secondBytes: second - first },
  };
}

async function previewAndSettle(demo: Demonstration): Promise<Pick<DemoEvidence, 'conflicts'>> {
  demo.say(
    'What would happen if acme went from dev to prod? prod has an acme of its own, which went its own ways.',
  );
  await demo.show('plan latest:dev/acme prod --limit 12');
  const blocked = await latestPlan(demo);
  demo.say(
    'Two kinds of conflict that a look-up by name misses: somebody else’s e-mail, names that differ only by case.',
  );
  await demo.show('plan latest:dev/acme prod --realm merge --sections realm,users --limit 6');
  demo.say(
    'Overwriting would be simple, and destroy a lot. It is refused until somebody types the realm’s name.',
  );
  await demo.show(
    'migrate latest:dev/acme prod --realm overwrite --unsupported skip --conflicts skip',
    EXIT.confirmationNeeded,
  );
  return { conflicts: sum(blocked, 'conflict') };
}

async function apply(demo: Demonstration): Promise<ApplyResult> {
  demo.say('So: merge, leave alone what prod has decided differently, and leave out what cannot be written.');
  await demo.show(`plan latest:dev/acme prod ${SETTLED}`);
  const { plan } = await latestPlan(demo);
  demo.say('The preview is the plan: this carries out exactly that, and reads prod again to prove it.');
  await demo.show(`apply ${plan}`);
  const applied = await latestApply(demo);
  demo.say('What still differs is what the preview said it would leave.');
  await demo.show('diff prod/acme latest:dev/acme --limit 8', EXIT.different);
  return applied;
}

async function createElsewhere(demo: Demonstration): Promise<ApplyResult> {
  demo.say('A realm that prod does not have yet travels in one go.');
  await demo.show('migrate latest:dev/field-ops prod --unsupported skip');
  const created = await latestApply(demo);
  demo.say('Nothing of what both sides can know was lost on the way.');
  await demo.show('diff latest:dev/field-ops prod/field-ops');
  return created;
}

async function bringTheRest(
  demo: Demonstration,
  dev: SandboxEnvironment,
  prod: SandboxEnvironment,
): Promise<DemoEvidence['databases']> {
  demo.say(
    'But nobody can log in there: the Admin API tells no password, nor groups and policies. The databases do.',
    'Their addresses, with the passwords, are in environment variables too.',
  );
  for (const { name, pgUrl } of [dev, prod]) {
    const variable = `${name.toUpperCase()}_DATABASE`;
    demo.setVariable(variable, pgUrl);
    await demo.show(`env update ${name} --pg-url-env ${variable}${name === 'prod' ? ' --no-test' : ''}`);
  }
  await demo.show('migrate dev/field-ops prod --realm merge --users merge --clients update');
  const { sections } = await latestPlan(demo);
  demo.say('Now the two are equal in everything there is, down to the last hash.');
  await demo.show('diff dev/field-ops prod/field-ops');
  demo.say('And every import can be undone by one command, which proves that as well.');
  const { id } = await latestJob(demo, 'apply');
  await demo.show(`rollback ${id} --confirm field-ops --confirm-environment prod`);
  const undone = await latestApply(demo);
  await demo.show('job list --limit 20');
  return { passwords: sections.credentials?.create ?? 0, undone };
}

async function latestPlan(demo: Demonstration): Promise<PlanView> {
  const result = (await latestJob(demo, 'plan')).result;
  if (result?.kind !== 'plan') throw new TypeError('The newest plan job has no plan.');
  return result.plan;
}

async function latestApply(demo: Demonstration): Promise<ApplyResult> {
  const result = (await latestJob(demo, 'apply')).result;
  if (result?.kind !== 'apply') throw new TypeError('The newest apply job has no result.');
  return result.result;
}

async function latestJob(demo: Demonstration, kind: string): Promise<JobView> {
  const { jobs } = (await demo.ask('job list --limit 10')) as { jobs: JobView[] };
  const newest = jobs.find((job) => job.kind === kind);
  if (newest === undefined) throw new TypeError(`There is no ${kind} job.`);
  return newest;
}

function sum({ sections }: PlanView, action: 'conflict'): number {
  return Object.values(sections).reduce((total, counts) => total + counts[action], 0);
}
