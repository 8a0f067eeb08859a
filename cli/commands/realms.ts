import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { counted } from '../render/numbers.ts';
import { table } from '../render/table.ts';
import { quoted } from '../render/visible.ts';
import { examples } from './examples.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';

export function registerRealms(program: Command, host: Host): void {
  const realms = program
    .command('realms')
    .argument('<env>', 'an environment')
    .summary('list the realms of an environment')
    .description('Lists the realms that an environment has now.')
    .action((environment: string) =>
      host.runWithEngine(realms, 'existing', (io, client) => listRealms(io, client, environment)),
    );
  examples(realms, ['drawbridge realms dev', 'drawbridge realms dev --json | jq -r ".realms[].name"']);
}

export async function listRealms(io: Io, client: EngineClient, environment: string): Promise<ExitCode> {
  await warnOfInsecureTls(io, client, [environment]);
  const realms = await client.environments.realms({ name: environment }, { signal: io.interruption.signal });
  io.result({ realms }, () => [
    ...table(
      [{ title: 'Realm' }, { title: 'Display name', limit: 60 }, { title: 'Enabled' }],
      realms.map(({ name, displayName, enabled }) => [
        { text: name, paint: io.paint.bold },
        displayName ?? '',
        enabled === undefined ? 'not told' : enabled ? 'yes' : 'no',
      ]),
    ),
    `${counted(realms.length, 'realm')} in ${quoted(environment)}.`,
  ]);
  return EXIT.done;
}
