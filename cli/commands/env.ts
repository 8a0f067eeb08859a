import { Option, type Command } from 'commander';
import { STAGES, type EnvironmentInput, type EnvironmentView } from '../../contract/environment.ts';
import { AppError } from '../../contract/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { environmentFacts, environmentLines, probeLines } from '../render/environment.ts';
import { quoted } from '../render/visible.ts';
import { addApiFlags, API_NAMES, apiFlagsGiven, changedApi, newApi, type ApiFlags } from './api-flags.ts';
import { examples } from './examples.ts';
import { warnOf, warnOfInsecureTls } from './insecure-tls.ts';
import {
  addPostgresFlags,
  POSTGRES_NAMES,
  postgresFlagsGiven,
  postgresFrom,
  POSTGRES_HELP,
  type PostgresFlags,
} from './postgres-flags.ts';

type Stage = (typeof STAGES)[number];

interface AddFlags extends ApiFlags, PostgresFlags {
  readonly stage: Stage;
  readonly test: boolean;
}

interface UpdateFlags extends ApiFlags, PostgresFlags {
  readonly stage?: Stage;
  readonly removeApi?: boolean;
  readonly removePg?: boolean;
  readonly test: boolean;
}

export function registerEnv(program: Command, host: Host): void {
  const env = program
    .command('env')
    .summary('the OpenGate installations that Drawbridge knows')
    .description(
      'The OpenGate installations that Drawbridge knows. Addresses, secrets and passwords are kept in the catalog, encrypted.',
    );
  examples(env, ['drawbridge env list', 'drawbridge env test dev']);

  registerAdd(env, host);
  registerUpdate(env, host);
  const list = env
    .command('list')
    .summary('list the installations')
    .description('Lists the installations.')
    .action(() => host.runWithEngine(list, 'existing', listEnvironments));
  examples(list, ['drawbridge env list', 'drawbridge env list --json']);

  const show = env
    .command('show')
    .argument('<name>', 'an environment')
    .summary('show what is known of an installation')
    .description('Shows what is known of an installation: its addresses and limits, and no secret.')
    .action((name: string) =>
      host.runWithEngine(show, 'existing', (io, client) => showEnvironment(io, client, name)),
    );
  examples(show, ['drawbridge env show prod', 'drawbridge env show prod --json']);

  const test = env
    .command('test')
    .argument('<name>', 'an environment')
    .summary('test whether an installation can be used')
    .description(
      'Tests an installation step by step, over each of its channels: the Admin API (reachable, certificate, which token endpoint works, which dialect the server speaks, what can be read and written), the databases (reachable, login, and for each service whether its tables were found, in what version, and what the role may do). Changes nothing. The exit code is 0 if it can be used, else 5.',
    )
    .action((name: string) =>
      host.runWithEngine(test, 'existing', (io, client) => testEnvironment(io, client, name)),
    );
  examples(test, ['drawbridge env test prod', 'drawbridge env test prod --json']);

  const remove = env
    .command('remove')
    .argument('<name>', 'an environment')
    .summary('forget an installation')
    .description(
      'Forgets an installation, its addresses and its secrets. Its snapshots stay; the installation itself is not touched.',
    )
    .action((name: string) =>
      host.runWithEngine(remove, 'existing', (io, client) => removeEnvironment(io, client, name)),
    );
  examples(remove, ['drawbridge env remove old-staging']);
}

export async function addEnvironment(
  io: Io,
  client: EngineClient,
  name: string,
  flags: AddFlags,
): Promise<ExitCode> {
  if (apiFlagsGiven(flags).length === 0 && postgresFlagsGiven(flags).length === 0) throw noChannel();
  // The databases first: a person is asked for the client’s secret only once everything else is right.
  const postgres = await postgresFrom(io, flags);
  const api = await newApi(io, flags);
  const input: EnvironmentInput = {
    name,
    stage: flags.stage,
    ...(api === undefined ? {} : { api }),
    ...(postgres === undefined ? {} : { postgres }),
  };
  const environment = await client.environments.add(input);
  if (flags.insecureTls) warnOf(io, name);
  return tested(io, client, environment, flags.test, 'Added');
}

export async function updateEnvironment(
  io: Io,
  client: EngineClient,
  name: string,
  flags: UpdateFlags,
): Promise<ExitCode> {
  // A change of nothing is how one environment is asked for, and says which name was meant.
  const old = await client.environments.update({ name });
  const postgres = flags.removePg ? null : await postgresFrom(io, flags, old.postgres);
  const api = flags.removeApi ? null : await apiWithSecret(io, flags, old.api);
  if (postgres === undefined && api === undefined && flags.stage === undefined) throw nothingToChange();
  const environment = await client.environments.update({
    name,
    ...(flags.stage === undefined ? {} : { stage: flags.stage }),
    ...(api === undefined ? {} : { api }),
    ...(postgres === undefined ? {} : { postgres }),
  });
  if (flags.insecureTls) warnOf(io, environment.name);
  return tested(io, client, environment, flags.test, 'Changed');
}

/** An Admin API that is there keeps its secret; a new one needs one. */
function apiWithSecret(io: Io, flags: ApiFlags, old: EnvironmentView['api']): ReturnType<typeof changedApi> {
  return old === undefined ? newApi(io, flags) : changedApi(io, flags, old);
}

async function tested(
  io: Io,
  client: EngineClient,
  environment: EnvironmentView,
  test: boolean,
  done: 'Added' | 'Changed',
): Promise<ExitCode> {
  const { name } = environment;
  if (!test) {
    io.result({ environment }, () => [`${done} ${quoted(name)}, not tested: ${io.self} env test ${name}`]);
    return EXIT.done;
  }
  const probe = await client.environments.probe({ name }, { signal: io.interruption.signal });
  io.result({ environment, probe }, () => [
    ...probeLines(name, probe, io),
    probe.usable
      ? `${done} ${quoted(name)}. Next: ${io.self} realms ${name}`
      : `${done} ${quoted(name)}, but it cannot be used yet. When that is put right: ${io.self} env test ${name}. To correct what is known of it: ${io.self} env update ${name} …`,
  ]);
  return probe.usable ? EXIT.done : EXIT.environment;
}

function noChannel(): AppError {
  return new AppError('USAGE', 'No channel to the installation is given.', {
    notChanged: 'No environment was added.',
    remedy:
      'Give its Admin API (--api-url and --client-id), its databases (--pg-url or --pg-url-env), or both.',
  });
}

function nothingToChange(): AppError {
  return new AppError('USAGE', 'Nothing is given that should change.', {
    notChanged: 'The environment was not changed.',
    remedy: 'Give the flags of what is to be another, as for env add; --help lists them.',
  });
}

export async function listEnvironments(io: Io, client: EngineClient): Promise<ExitCode> {
  const environments = await client.environments.list();
  io.result({ environments }, () => environmentLines(environments, io));
  return EXIT.done;
}

export async function showEnvironment(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  // A change of nothing is how one environment is asked for, and says which name was meant.
  const environment = await client.environments.update({ name });
  io.result({ environment }, () => environmentFacts(environment, io.paint));
  return EXIT.done;
}

export async function testEnvironment(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  await warnOfInsecureTls(io, client, [name]);
  const probe = await client.environments.probe({ name }, { signal: io.interruption.signal });
  io.result({ environment: name, ...probe }, () => probeLines(name, probe, io));
  return probe.usable ? EXIT.done : EXIT.environment;
}

export async function removeEnvironment(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  await client.environments.remove({ name });
  io.result({ removed: name }, () => [
    `Forgot ${quoted(name)} and its secrets. Its snapshots are still in the catalog.`,
  ]);
  return EXIT.done;
}

function registerAdd(env: Command, host: Host): void {
  const add = env
    .command('add')
    .argument('<name>', 'what you call it: lower-case letters, digits and hyphens')
    .summary('add an installation and test it')
    .description(
      'Adds an OpenGate installation, by its Admin API, its databases or both, and tests it at once. It is kept even if the test fails; the exit code is 5 then, and 0 only if it can be used.',
    )
    .addOption(
      new Option('--stage <stage>', 'what it is for; production is confirmed apart')
        .choices(STAGES)
        .default('development'),
    )
    .option('--no-test', 'do not connect now')
    .action((name: string, flags: AddFlags) =>
      host.runWithEngine(add, 'create', (io, client) => addEnvironment(io, client, name, flags)),
    );
  addPostgresFlags(addApiFlags(add));
  examples(
    add,
    [
      'drawbridge env add dev --api-url http://localhost:8089 --auth-url http://localhost:8080 \\\n    --client-id admin-cli --client-secret-env OPENGATE_SECRET',
      'drawbridge env add prod --stage production --api-url https://iam.example.com:8089 \\\n    --client-id admin-cli --client-secret-file ./prod.secret --ca-file ./company-ca.pem \\\n    --pg-url "postgres://drawbridge@db.example.com:5432/?sslmode=verify-full" --pg-password-file ./prod.pgpassword',
      'drawbridge env add old --pg-url-env OLD_DATABASE_URL --pg-database user=iam_users --pg-database realm=env:OLD_REALM_URL',
    ],
    POSTGRES_HELP,
  );
}

function registerUpdate(env: Command, host: Host): void {
  const update = env
    .command('update')
    .argument('<name>', 'an environment')
    .summary('change what is known of an installation, and test it')
    .description(
      'Changes what is known of an installation: adds a channel, removes one, or sets what is given anew; all else stays, secrets included. Only certificates are named again when their channel is changed, and --insecure-tls given again. Tests it as env add does.',
    )
    .addOption(new Option('--stage <stage>', 'what it is for').choices(STAGES))
    .addOption(new Option('--remove-api', 'do not use its Admin API any more').conflicts(API_NAMES))
    .addOption(new Option('--remove-pg', 'do not use its databases any more').conflicts(POSTGRES_NAMES))
    .option('--no-test', 'do not connect now')
    .action((name: string, flags: UpdateFlags) =>
      host.runWithEngine(update, 'existing', (io, client) => updateEnvironment(io, client, name, flags)),
    );
  addPostgresFlags(addApiFlags(update));
  examples(
    update,
    [
      'drawbridge env update prod --pg-url-env PROD_DATABASE_URL    # now also over PostgreSQL',
      'drawbridge env update dev --client-secret-env NEW_SECRET',
      'drawbridge env update prod --pg-lock-timeout 300 --no-test',
      'drawbridge env update prod --api-concurrency 8 --api-rate 100 --no-test',
      'drawbridge env update prod --remove-pg',
    ],
    POSTGRES_HELP,
  );
}
