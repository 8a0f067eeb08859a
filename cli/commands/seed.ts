import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runApply } from '../jobs/apply-job.ts';
import { reportApply } from './apply.ts';
import { examples } from './examples.ts';
import { issuedClientsOption, type PolicyFlags } from './policy-flags.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';

export function registerSeed(program: Command, host: Host): void {
  const seed = program
    .command('seed')
    .argument('<file>', 'an OpenGate export document with a realm')
    .argument('<env>', 'the environment')
    .summary('create a realm from a file, unless it exists')
    .description(
      'Creates a realm from a file if the environment has none of that name, and leaves it alone if it has. The exit code is 0 both ways, so a pipeline can run it at every deployment.',
    )
    .addOption(issuedClientsOption())
    .action((file: string, environment: string, flags: Pick<PolicyFlags, 'issuedClients'>) =>
      host.runWithEngine(seed, 'create', (io, client) => seedRealm(io, client, file, environment, flags)),
    );
  examples(seed, [
    'drawbridge seed config/realm-seed.json staging',
    'drawbridge seed config/realm-seed.json prod --json --quiet',
  ]);
}

export async function seedRealm(
  io: Io,
  client: EngineClient,
  path: string,
  environment: string,
  { issuedClients }: Pick<PolicyFlags, 'issuedClients'> = {},
): Promise<ExitCode> {
  await warnOfInsecureTls(io, client, [environment]);
  const decided = issuedClients === undefined ? {} : { issuedClients };
  return reportApply(io, await runApply(io, client, { kind: 'seed', path, environment, ...decided }), {});
}
