import type { Command } from 'commander';
import type { Section } from '../../contract/sections.ts';
import { asAppError } from '../../contract/wire.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { counted, theFirst } from '../render/numbers.ts';
import { recordLines } from '../render/record.ts';
import { snapshotDetailLines, snapshotListLines } from '../render/snapshot.ts';
import { quoted, visible } from '../render/visible.ts';
import { collect, meantId, namedSnapshot, recordName, sectionsOption, wholeNumber } from './arguments.ts';
import { registerEmptyTrash } from './empty-trash.ts';
import { examples } from './examples.ts';
import { registerPrune } from './prune.ts';
import { registerSnapshotFiles } from './snapshot-files.ts';

const SNAPSHOT = 'id, the beginning of one, or latest:<env>/<realm>';

export function registerSnapshot(program: Command, host: Host): void {
  const snapshot = program
    .command('snapshot')
    .summary('what is in the catalog')
    .description(
      'The snapshots in the catalog: look at them, search them, prove them, move them in and out.',
    );
  examples(snapshot, ['drawbridge snapshot list', 'drawbridge snapshot show latest:prod/acme']);
  registerReading(snapshot, host);
  registerSnapshotFiles(snapshot, host);
  registerKeeping(snapshot, host);
  registerPrune(snapshot, host);
  registerEmptyTrash(snapshot, host);
}

interface ListFlags {
  readonly env?: string;
  readonly realm?: string;
  readonly tag?: string;
  readonly all?: boolean;
  readonly trash?: boolean;
}

interface SearchFlags {
  readonly sections?: Section[];
  readonly limit: number;
}

function registerReading(snapshot: Command, host: Host): void {
  const list = snapshot
    .command('list')
    .summary('list snapshots, the newest first')
    .description('Lists the backups and imported files, the newest first.')
    .option('--env <env>', 'only of this environment')
    .option('--realm <realm>', 'only of this realm')
    .option('--tag <tag>', 'only with this tag')
    .option('--all', 'also those that were taken of targets around a migration')
    .option('--trash', 'those in the trash')
    .action((flags: ListFlags) =>
      host.runWithEngine(list, 'existing', (io, client) => listSnapshots(io, client, flags)),
    );
  examples(list, ['drawbridge snapshot list --env prod --realm acme', 'drawbridge snapshot list --trash']);

  const show = snapshot
    .command('show')
    .argument('<snapshot>', SNAPSHOT)
    .summary('show a snapshot, or one record of it')
    .description(
      'Shows what a snapshot contains and what it does not, or one of its records. Secrets are never shown.',
    )
    .option('--record <section/key>', 'this record')
    .action((name: string, flags: { record?: string }) =>
      host.runWithEngine(show, 'existing', (io, client) => showSnapshot(io, client, name, flags.record)),
    );
  examples(show, [
    'drawbridge snapshot show latest:prod/acme',
    'drawbridge snapshot show 1m8mc91h --record users/alice',
    'drawbridge snapshot show 1m8mc91h --record credentials/alice/PASSWORD',
  ]);

  const search = snapshot
    .command('search')
    .argument('<snapshot>', SNAPSHOT)
    .argument('<text>', 'looked for anywhere in a record, without regard to case')
    .summary('find records by any text in them')
    .description(
      'Finds the records that contain a text: a name, an e-mail address, a redirect address. Secrets are not searched.',
    )
    .addOption(sectionsOption('only in these sections'))
    .option('--limit <n>', 'how many to show', wholeNumber(1, 1000), 50)
    .action((name: string, text: string, flags: SearchFlags) =>
      host.runWithEngine(search, 'existing', (io, client) => searchSnapshot(io, client, name, text, flags)),
    );
  examples(search, ['drawbridge snapshot search latest:prod/acme alice@example.com --sections users']);
}

export async function listSnapshots(io: Io, client: EngineClient, flags: ListFlags): Promise<ExitCode> {
  const { env, ...filter } = flags;
  const snapshots = await client.snapshots.list({
    ...filter,
    ...(env === undefined ? {} : { environment: env }),
  });
  io.result({ snapshots }, () => snapshotListLines(snapshots, io.paint));
  return EXIT.done;
}

export async function showSnapshot(
  io: Io,
  client: EngineClient,
  name: string,
  record: string | undefined,
): Promise<ExitCode> {
  const snapshot = await namedSnapshot(client, name);
  if (record === undefined) {
    io.result({ snapshot }, () => snapshotDetailLines(snapshot, io));
    return EXIT.done;
  }
  const { section, key } = recordName(record);
  const shown = await client.snapshots.record({ snapshot: snapshot.id, section, key });
  const document = { snapshot: snapshot.id, section, key: key.replaceAll('\u0000', '/'), record: shown };
  io.result(document, () => recordLines({ section, key, record: shown }, io.paint));
  return EXIT.done;
}

export async function searchSnapshot(
  io: Io,
  client: EngineClient,
  name: string,
  text: string,
  { sections, limit }: SearchFlags,
): Promise<ExitCode> {
  const { id } = await namedSnapshot(client, name);
  const input = { snapshot: id, text, limit, ...(sections === undefined ? {} : { sections }) };
  const found = await client.snapshots.search(input, { signal: io.interruption.signal });
  io.result({ snapshot: id, ...found }, () => [
    ...found.matches.flatMap((match) => [...recordLines(match, io.paint), '']),
    found.truncated
      ? `… ${theFirst(found.matches.length, 'match', 'matches')}; there are more: raise --limit or search for more text.`
      : `${counted(found.matches.length, 'match', 'matches')} for ${quoted(text)} in snapshot ${visible(id)}.`,
  ]);
  return EXIT.done;
}

function registerKeeping(snapshot: Command, host: Host): void {
  const tag = snapshot
    .command('tag')
    .argument('<snapshot>', SNAPSHOT)
    .argument('[tag...]', 'tags to add')
    .summary('add or remove tags')
    .description('Adds tags to a snapshot, or removes them.')
    .option('--remove <tag>', 'a tag to take away; may be repeated', collect)
    .action((name: string, tags: string[], flags: { remove?: string[] }) =>
      host.runWithEngine(tag, 'existing', (io, client) =>
        tagSnapshot(io, client, name, tags, flags.remove ?? []),
      ),
    );
  examples(tag, [
    'drawbridge snapshot tag 1m8mc91h release-7',
    'drawbridge snapshot tag 1m8mc91h --remove nightly',
  ]);

  const pin = snapshot
    .command('pin')
    .argument('<snapshot>', SNAPSHOT, meantId)
    .summary('keep a snapshot for good')
    .description('Pins a snapshot: it cannot be deleted until it is unpinned.')
    .option('--unpin', 'take the pin away')
    .action((name: string, flags: { unpin?: boolean }) =>
      host.runWithEngine(pin, 'existing', (io, client) =>
        pinSnapshot(io, client, name, flags.unpin !== true),
      ),
    );
  examples(pin, ['drawbridge snapshot pin latest:prod/acme', 'drawbridge snapshot pin 1m8mc91h --unpin']);

  const remove = snapshot
    .command('delete')
    .argument('<snapshot>', SNAPSHOT, meantId)
    .summary('move a snapshot to the trash')
    .description('Moves a snapshot to the trash, from where it can be restored.')
    .action((name: string) =>
      host.runWithEngine(remove, 'existing', (io, client) => deleteSnapshot(io, client, name)),
    );
  examples(remove, ['drawbridge snapshot delete 1m8mc91h', 'drawbridge snapshot list --trash']);

  const restore = snapshot
    .command('restore-from-trash')
    .argument('<snapshot>', 'id, or the beginning of one')
    .summary('take a snapshot out of the trash')
    .description('Takes a snapshot out of the trash again.')
    .action((name: string) =>
      host.runWithEngine(restore, 'existing', (io, client) => restoreFromTrash(io, client, name)),
    );
  examples(restore, ['drawbridge snapshot restore-from-trash 1m8mc91h']);
}

export async function tagSnapshot(
  io: Io,
  client: EngineClient,
  name: string,
  add: string[],
  remove: string[],
): Promise<ExitCode> {
  const { id } = await namedSnapshot(client, name);
  const snapshot = await client.snapshots.tag({ snapshot: id, add, remove });
  io.result({ snapshot }, () => [
    `Snapshot ${visible(id)} has ${snapshot.tags.length === 0 ? 'no tags' : `the tags ${visible(snapshot.tags.join(', '))}`}.`,
  ]);
  return EXIT.done;
}

export async function pinSnapshot(
  io: Io,
  client: EngineClient,
  name: string,
  pinned: boolean,
): Promise<ExitCode> {
  const { id } = await namedSnapshot(client, name);
  const snapshot = await client.snapshots.pin({ snapshot: id, pinned });
  io.result({ snapshot }, () => [
    `Snapshot ${visible(id)} is ${snapshot.pinned ? 'pinned' : 'not pinned any more'}.`,
  ]);
  return EXIT.done;
}

export async function deleteSnapshot(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  const id = await idToDelete(client, name);
  await client.snapshots.delete({ snapshot: id });
  io.result({ deleted: id }, () => [
    `Snapshot ${visible(id)} is in the trash. To have it back: ${io.self} snapshot restore-from-trash ${visible(id)}`,
  ]);
  return EXIT.done;
}

/** One whose description is damaged cannot be shown, but must be removable: then the error tells its id. */
async function idToDelete(client: EngineClient, name: string): Promise<string> {
  try {
    return (await namedSnapshot(client, name)).id;
  } catch (error) {
    const { code, details } = asAppError(error);
    if (code === 'CATALOG_DAMAGED' && typeof details['snapshot'] === 'string') return details['snapshot'];
    throw error;
  }
}

export async function restoreFromTrash(io: Io, client: EngineClient, name: string): Promise<ExitCode> {
  const snapshot = await client.snapshots.restoreFromTrash({ snapshot: name });
  io.result({ snapshot }, () => [`Snapshot ${visible(snapshot.id)} is out of the trash.`]);
  return EXIT.done;
}
