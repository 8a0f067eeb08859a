import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '../../contract/errors.ts';
import { openCatalog } from './index.ts';
import { CHEAP_SCRYPT, PASSPHRASE } from './test-catalog.ts';

/**
 * What another Drawbridge process does with a catalog, for the tests of several processes:
 * `node test-process.ts <folder> <part> <argument>`. Each line of its output is one JSON value.
 */
const [dir = '', part = '', argument = ''] = process.argv.slice(2);

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

const open = () =>
  openCatalog({
    dir,
    keys: { passphrase: async () => PASSPHRASE },
    create: true,
    testing: { scrypt: CHEAP_SCRYPT },
  });

/** Writes for a while, `argument` in every name. */
async function write(): Promise<void> {
  const catalog = await open();
  for (let i = 0; i < 25; i++) {
    catalog.environments.add({
      name: `${argument}-${i}`,
      api: { apiUrl: 'https://iam.example', clientId: argument },
    });
    const { id } = catalog.jobs.create({ kind: 'backup', title: `${argument} ${i}`, params: {} });
    const run = catalog.jobs.acquire(id);
    run.outcome(run.intent('only step', { i }), 'done');
    run.finish('succeeded', { result: { i } });
    await sleep(1);
  }
  catalog.close();
  say('done');
}

/** Runs a job until it is asked to stop, or killed. */
async function runJob(): Promise<void> {
  const catalog = await open();
  const { id } = catalog.jobs.create({ kind: 'apply', title: 'Apply', params: {} });
  const run = catalog.jobs.acquire(id);
  run.intent('users 1–500', { from: 1, to: 500 });
  say(id);
  while (!run.heartbeat().cancelRequested) await sleep(100);
  say(run.finish('canceled').state);
  catalog.close();
}

/** Opens as a user who is not root, and says how that ended. */
async function openUnprivileged(): Promise<void> {
  if (process.getuid?.() === 0) process.setuid?.(Number(argument));
  try {
    const catalog = await open();
    say(catalog.readOnly ? 'opened to be read' : 'opened');
    catalog.close();
  } catch (error) {
    say(isAppError(error) ? error.code : String(error));
  }
}

switch (part) {
  case 'write':
    await write();
    break;
  case 'run-job':
    await runJob();
    break;
  case 'open-unprivileged':
    await openUnprivileged();
    break;
  default:
    throw new Error(`No part “${part}”.`);
}
