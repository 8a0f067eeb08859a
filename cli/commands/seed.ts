import { InvalidArgumentError, Option, type Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { JobInput } from '../../contract/job.ts';
import type { Kept } from '../../core/engine/index.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import { keptFiles } from '../kept-files.ts';
import { runApply } from '../jobs/apply-job.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { reportApply } from './apply.ts';
import {
  addDirect,
  addDirectFlags,
  directNeed,
  DIRECT_HELP,
  isDirect,
  type DirectFlags,
} from './direct-environment.ts';
import { examples } from './examples.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';
import { junitOption, withJunit } from './junit-file.ts';
import { issuedClientsOption, unsupportedOption, type PolicyFlags } from './policy-flags.ts';

type SeedInput = Extract<JobInput, { kind: 'seed' }>;

interface SeedFlags extends DirectFlags, Pick<PolicyFlags, 'issuedClients' | 'unsupported'> {
  readonly ifExists?: NonNullable<SeedInput['ifExists']>;
  readonly envVars: boolean;
  /** Seconds. */
  readonly wait?: number;
  readonly junit?: string;
}

/** What an environment is called that is described on the command line and not named there. */
const NAMELESS = 'target';

export function registerSeed(program: Command, host: Host): void {
  const seed = program
    .command('seed')
    .argument('<file>', 'an OpenGate export document with a realm')
    .argument('[env]', 'the environment; where it is described by flags, any name for it')
    .summary('create a realm from a file, unless it exists')
    .description(
      'Creates a realm from a file if the environment has none of that name, and leaves it alone if it has. The exit code is 0 both ways, so a pipeline can run it at every deployment. ${NAME} and ${NAME:-text} in the file’s texts stand for environment variables.',
    )
    .addOption(
      new Option(
        '--if-exists <policy>',
        'if the realm exists: leave it alone, merge the file into it (settings, users, and clients where they can be written; exit code 7 where they cannot), or fail',
      ).choices(['skip', 'merge', 'fail']),
    )
    .option('--wait <duration>', 'wait until the environment answers, for 90s, 2m or 1h at most', duration)
    .option('--no-env-vars', 'take ${…} in the file as text')
    .addOption(unsupportedOption())
    .addOption(issuedClientsOption())
    .addOption(junitOption())
    .action((file: string, named: string | undefined, flags: SeedFlags) => {
      if (named === undefined && !isDirect(flags)) throw noEnvironment();
      if (isDirect(flags) && flags.issuedClients === 'create') throw secretsWouldBeLost();
      return host.runWithEngine(seed, directNeed(seed, flags, 'existing'), (io, client) =>
        seedRealm(io, client, file, named ?? NAMELESS, {
          ...flags,
          kept: keptFiles(seed, host.surroundings, [file]),
        }),
      );
    });
  addDirectFlags(seed);
  examples(
    seed,
    [
      'drawbridge seed config/realm-seed.json staging',
      'drawbridge seed config/realm-seed.json prod --if-exists merge --json --quiet',
      'drawbridge seed config/realm-seed.json --api-url https://iam.example.com:8089 \\\n    --client-id admin-cli --client-secret-env ADMIN_SECRET --wait 2m --junit seed.xml',
    ],
    DIRECT_HELP,
  );
}

export async function seedRealm(
  io: Io,
  client: EngineClient,
  path: string,
  environment: string,
  flags: SeedFlags & { readonly kept: Kept },
): Promise<ExitCode> {
  const report = {
    path: flags.junit,
    kept: flags.kept,
    kind: 'seed',
    title: `Seed ${environment}`,
  } as const;
  return withJunit(io, client, report, async (tell) => {
    if (isDirect(flags)) await addDirect(io, client, environment, flags);
    await warnOfInsecureTls(io, client, [environment]);
    const { issuedClients, unsupported, ifExists, wait } = flags;
    const job = await runApply(io, client, {
      kind: 'seed',
      path,
      environment,
      variables: flags.envVars,
      ...(unsupported === undefined ? {} : { unsupported }),
      ...(issuedClients === undefined ? {} : { issuedClients }),
      ...(ifExists === undefined ? {} : { ifExists }),
      ...(wait === undefined ? {} : { waitSeconds: wait }),
    });
    tell(job.id);
    return reportApply(io, job, {});
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };
const DAY = 24 * 3600;

/** In seconds. */
function duration(text: string): number {
  const parts = /^(\d{1,6})(s|m|h)?$/.exec(text);
  const seconds = parts ? Number(parts[1]) * UNITS[parts[2] ?? '']! : Number.NaN;
  if (seconds <= DAY) return seconds;
  throw new InvalidArgumentError('It has to be a time of at most 24 hours, such as 90s, 2m or 1h.');
}

/** “job secrets” shows them, once; and in a pipeline's log they should not stand. */
function secretsWouldBeLost(): AppError {
  return new AppError(
    'USAGE',
    'New secrets of clients are kept in the catalog until somebody asks for them, and here is none.',
    {
      notChanged: 'Nothing was done.',
      remedy:
        'Add the environment to a catalog (env add) and name it here, then ask for the secrets with: job secrets <job>. Or leave the clients out: --issued-clients leave.',
    },
  );
}

function noEnvironment(): AppError {
  return new AppError('USAGE', 'No environment is given to be seeded.', {
    notChanged: 'Nothing was done.',
    remedy:
      'Name one of the catalog, or describe one: --api-url, --client-id and --client-secret-env, or --pg-url-env.',
  });
}
