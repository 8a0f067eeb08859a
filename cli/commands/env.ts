import { Option, type Command } from 'commander';
import { STAGES, type EnvironmentInput } from '../../contract/environment.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { environmentLines, probeLines } from '../render/environment.ts';
import { quoted } from '../render/visible.ts';
import { readTextFile } from './arguments.ts';
import { clientSecret, type SecretPlace } from './client-secret.ts';
import { examples } from './examples.ts';
import { warnOf, warnOfInsecureTls } from './insecure-tls.ts';

interface AddFlags extends SecretPlace {
  readonly apiUrl: string;
  readonly authUrl?: string;
  readonly gatewayUrl?: string;
  readonly clientId: string;
  readonly stage: (typeof STAGES)[number];
  readonly caFile?: string;
  readonly insecureTls?: boolean;
  readonly test: boolean;
}

export function registerEnv(program: Command, host: Host): void {
  const env = program
    .command('env')
    .summary('the OpenGate installations that Drawbridge knows')
    .description(
      'The OpenGate installations that Drawbridge knows. Addresses and the client’s secret are kept in the catalog, encrypted.',
    );
  examples(env, ['drawbridge env list', 'drawbridge env test dev']);

  const add = env
    .command('add')
    .argument('<name>', 'what you call it: lower-case letters, digits and hyphens')
    .summary('add an installation and test it')
    .description(
      'Adds an OpenGate installation and tests it at once. It is kept even if the test fails; the exit code is 5 then, and 0 only if it can be used.',
    )
    .requiredOption('--api-url <url>', 'address of the Admin API, such as https://iam.example.com:8089')
    .option('--auth-url <url>', 'address that issues tokens, if it is not the Admin API’s')
    .option('--gateway-url <url>', 'address of the gateway, if it is not the one that issues tokens')
    .requiredOption('--client-id <id>', 'client that may use the Admin API')
    .addOption(
      new Option(
        '--client-secret-env <variable>',
        'environment variable that holds the client’s secret',
      ).conflicts('clientSecretFile'),
    )
    .option(
      '--client-secret-file <file>',
      'file that holds the client’s secret; without either it is asked for',
    )
    .addOption(
      new Option('--stage <stage>', 'what it is for; production is confirmed apart')
        .choices(STAGES)
        .default('development'),
    )
    .addOption(
      new Option('--ca-file <file>', 'certificate authority to trust besides the known ones (PEM)').conflicts(
        'insecureTls',
      ),
    )
    .option('--insecure-tls', 'do not check the server’s certificate (warned about at every use)')
    .option('--no-test', 'do not connect now')
    .action((name: string, flags: AddFlags) =>
      host.runWithEngine(add, 'create', (io, client) => addEnvironment(io, client, name, flags)),
    );
  examples(add, [
    'drawbridge env add dev --api-url http://localhost:8089 --auth-url http://localhost:8080 \\\n    --client-id admin-cli --client-secret-env OPENGATE_SECRET',
    'drawbridge env add prod --stage production --api-url https://iam.example.com:8089 \\\n    --client-id admin-cli --client-secret-file ./prod.secret --ca-file ./company-ca.pem',
  ]);

  const list = env
    .command('list')
    .summary('list the installations')
    .description('Lists the installations.')
    .action(() => host.runWithEngine(list, 'existing', listEnvironments));
  examples(list, ['drawbridge env list', 'drawbridge env list --json']);

  const test = env
    .command('test')
    .argument('<name>', 'an environment')
    .summary('test whether an installation can be used')
    .description(
      'Tests an installation step by step: reachable, token, rights, dialect, export endpoints. Changes nothing. The exit code is 0 if it can be used, else 5.',
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
      'Forgets an installation, its addresses and its secret. Its snapshots stay; the installation itself is not touched.',
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
  const input: EnvironmentInput = {
    name,
    stage: flags.stage,
    api: {
      apiUrl: flags.apiUrl,
      clientId: flags.clientId,
      clientSecret: await clientSecret(io, flags),
      ...(flags.authUrl === undefined ? {} : { authUrl: flags.authUrl }),
      ...(flags.gatewayUrl === undefined ? {} : { gatewayUrl: flags.gatewayUrl }),
      ...(flags.caFile === undefined
        ? {}
        : { caPem: await readTextFile(flags.caFile, 'The certificate authority') }),
      ...(flags.insecureTls ? { insecureTls: true } : {}),
    },
  };
  const environment = await client.environments.add(input);
  if (flags.insecureTls) warnOf(io, name);
  if (!flags.test) {
    io.result({ environment }, () => [`Added ${quoted(name)}, not tested: drawbridge env test ${name}`]);
    return EXIT.done;
  }
  const probe = await client.environments.probe({ name }, { signal: io.interruption.signal });
  io.result({ environment, probe }, () => [
    ...probeLines(name, probe, io.paint),
    probe.usable
      ? `Added ${quoted(name)}. Next: ${io.self} realms ${name}`
      : `Added ${quoted(name)}, but it cannot be used yet. When it is put right: ${io.self} env test ${name}`,
  ]);
  return probe.usable ? EXIT.done : EXIT.environment;
}

export async function listEnvironments(io: Io, client: EngineClient): Promise<ExitCode> {
  const environments = await client.environments.list();
  io.result({ environments }, () => environmentLines(environments, io));
  return EXIT.done;
}

export async function testEnvironment(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  await warnOfInsecureTls(io, client, [name]);
  const probe = await client.environments.probe({ name }, { signal: io.interruption.signal });
  io.result({ environment: name, ...probe }, () => probeLines(name, probe, io.paint));
  return probe.usable ? EXIT.done : EXIT.environment;
}

export async function removeEnvironment(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  await client.environments.remove({ name });
  io.result({ removed: name }, () => [
    `Forgot ${quoted(name)} and its secret. Its snapshots are still in the catalog.`,
  ]);
  return EXIT.done;
}
