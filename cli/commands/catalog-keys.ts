import { open, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CatalogView } from '../../contract/catalog-folder.ts';
import { AppError } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient, MaintenanceClient } from '../jobs/engine-client.ts';
import { keptFiles, refuseKeptFile } from '../kept-files.ts';
import { givenRecoveryKey, newPassphrase, presentKey, type OpenedBy } from '../passphrase.ts';
import { catalogLines } from '../render/catalog-health.ts';
import { instant } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';
import { readSecretFile } from '../secret-file.ts';
import { ask, askHidden } from '../terminal/prompt.ts';
import { isStandardOutput } from './standard-output.ts';
import { examples } from './examples.ts';

const TRIES = 3;

/** How the catalog is opened: its passphrase, the keychain, its recovery key. */
export function registerCatalogKeys(catalog: Command, host: Host): void {
  const passphrase = catalog
    .command('passphrase')
    .summary('set or change its passphrase')
    .description(
      'Sets the catalog’s passphrase, in place of an earlier one, which goes when the new one has opened the catalog. It is asked for twice, or comes from DRAWBRIDGE_NEW_PASSPHRASE or the file named by DRAWBRIDGE_NEW_PASSPHRASE_FILE. Whoever has lost the earlier one opens the catalog with its recovery key (DRAWBRIDGE_RECOVERY_KEY_FILE, or typed where the passphrase is asked for). Where the keychain opens the catalog, the present passphrase is asked for.',
    )
    .action(() => host.runWithEngine(passphrase, 'existing', setPassphrase));
  examples(passphrase, [
    'drawbridge catalog passphrase',
    'DRAWBRIDGE_NEW_PASSPHRASE_FILE=./new drawbridge catalog passphrase',
    'DRAWBRIDGE_RECOVERY_KEY_FILE=./recovery-key drawbridge catalog passphrase',
  ]);
  registerKeychain(catalog, host);
  registerRecoveryKey(catalog, host);
}

function registerKeychain(catalog: Command, host: Host): void {
  const keychain = catalog
    .command('keychain')
    .summary('whether this user’s keychain opens it')
    .description(
      'Whether the operating system’s keychain opens the catalog, for this user on this computer.',
    );
  examples(keychain, ['drawbridge catalog keychain on', 'drawbridge catalog keychain off']);

  const on = keychain
    .command('on')
    .summary('let the keychain open it, so that nothing is asked')
    .description(
      'Puts a key into the operating system’s keychain: from then on it opens the catalog, for this user on this computer. The passphrase stays, for other computers.',
    )
    .option(
      '--forget-passphrase',
      'take the passphrase away: then only the keychain, and a recovery key, open it',
    )
    .action((flags: { forgetPassphrase?: boolean }) =>
      host.runWithEngine(on, 'existing', (io, client, openedBy) =>
        keychainOn(io, client, openedBy, flags.forgetPassphrase === true),
      ),
    );
  examples(on, ['drawbridge catalog keychain on', 'drawbridge catalog keychain on --forget-passphrase']);

  const off = keychain
    .command('off')
    .summary('let only the passphrase open it')
    .description(
      'The keychain opens the catalog no more. A catalog without a passphrase is given one first. The key stays in the keychain, because copies of the catalog may have no other.',
    )
    .option('--forget-key', 'take the key out of the keychain too: it opens no copy of the catalog any more')
    .action((flags: { forgetKey?: boolean }) =>
      host.runWithEngine(off, 'existing', (io, client, openedBy) =>
        keychainOff(io, client, openedBy, flags.forgetKey === true),
      ),
    );
  examples(off, ['drawbridge catalog keychain off', 'drawbridge catalog keychain off --forget-key']);
}

function registerRecoveryKey(catalog: Command, host: Host): void {
  const recovery = catalog
    .command('recovery-key')
    .summary('a key for the day when every other is lost')
    .description(
      'The recovery key opens the catalog when its passphrase or keychain is lost. It is shown once and stored nowhere: whoever has it has everything, so keep it apart from the catalog.',
    );
  examples(recovery, ['drawbridge catalog recovery-key new', 'drawbridge catalog recovery-key check']);

  const make = recovery
    .command('new')
    .summary('make one, in place of an earlier one')
    .description(
      'Makes a recovery key, shows it once, and has it typed again; or writes it into a file that only its owner may read. Only then it takes the place of an earlier one.',
    )
    .option('--out <file>', 'write it into this file, which must not be there, instead of showing it')
    .action((flags: { out?: string }) =>
      host.runWithEngine(make, 'existing', async (io, client, openedBy) => {
        if (flags.out !== undefined) await refuseKeptFile(flags.out, keptFiles(make, host.surroundings));
        return newRecoveryKey(io, client, openedBy, flags.out);
      }),
    );
  examples(make, [
    'drawbridge catalog recovery-key new',
    'drawbridge catalog recovery-key new --out /media/stick/recovery-key',
  ]);

  const check = recovery
    .command('check')
    .summary('test whether one opens this catalog')
    .description(
      'Tests whether a recovery key opens this catalog, and changes nothing. Needs no other key. It is read from a file (--file, or DRAWBRIDGE_RECOVERY_KEY_FILE), or asked for. The exit code is 8 if it does not.',
    )
    .option('--file <file>', 'the file that holds it')
    .action((flags: { file?: string }) =>
      host.run(check, (io) =>
        host.withMaintenance(io, check, (client) => checkRecoveryKey(io, client, flags.file)),
      ),
    );
  examples(check, ['drawbridge catalog recovery-key check --file /media/stick/recovery-key']);
}

export async function setPassphrase(io: Io, client: EngineClient, openedBy: OpenedBy): Promise<ExitCode> {
  const before = await client.catalog.show();
  const catalog = await client.catalog.setPassphrase({
    ...(await presentKey(io, before, openedBy)),
    passphrase: await newPassphrase(io),
  });
  const had = before.waysIn.some(({ kind }) => kind === 'passphrase');
  tellCatalog(io, catalog, [
    had
      ? 'The passphrase is changed: the earlier one opens the catalog no more.'
      : 'The catalog has a passphrase now.',
    ...(had ? ['Copies of the catalog that were made before open with the passphrase that they had.'] : []),
  ]);
  for (const name of ['DRAWBRIDGE_PASSPHRASE', 'DRAWBRIDGE_PASSPHRASE_FILE'])
    if (had && io.surroundings.env[name])
      io.note(`${name} is set to the earlier passphrase: give the new one there, too.`);
  return EXIT.done;
}

export async function keychainOn(
  io: Io,
  client: EngineClient,
  openedBy: OpenedBy,
  forgetPassphrase: boolean,
): Promise<ExitCode> {
  const catalog = await client.catalog.useKeychain({
    ...(await presentKey(io, await client.catalog.show(), openedBy)),
    forgetPassphrase,
  });
  tellCatalog(io, catalog, [
    'The keychain opens the catalog from now on, for this user on this computer.',
    forgetPassphrase
      ? 'Its passphrase is gone: elsewhere, only a recovery key opens it.'
      : 'Elsewhere its passphrase does.',
  ]);
  return EXIT.done;
}

export async function keychainOff(
  io: Io,
  client: EngineClient,
  openedBy: OpenedBy,
  forgetKey: boolean,
): Promise<ExitCode> {
  const before = await client.catalog.show();
  const hasPassphrase = before.waysIn.some(({ kind, damaged }) => kind === 'passphrase' && !damaged);
  const catalog = await client.catalog.leaveKeychain({
    ...(await presentKey(io, before, openedBy)),
    forgetKey,
    ...(hasPassphrase ? {} : { passphrase: await newPassphrase(io) }),
  });
  tellCatalog(io, catalog, [
    'The keychain opens the catalog no more; its passphrase does.',
    forgetKey
      ? 'The key is gone from the keychain: copies of the catalog open with the passphrase or the recovery key that they had.'
      : 'The key is still in the keychain, for copies of the catalog that were made with it (--forget-key takes it out).',
  ]);
  return EXIT.done;
}

export async function newRecoveryKey(
  io: Io,
  client: EngineClient,
  openedBy: OpenedBy,
  out?: string,
): Promise<ExitCode> {
  if (out === undefined && !io.interactive)
    throw new AppError(
      'USAGE',
      'A recovery key is shown once and typed again, and nobody is there to do so.',
      {
        notChanged: 'No recovery key was made; an earlier one stays.',
        remedy: 'Have it written into a file (--out), or run the command on a terminal.',
      },
    );
  if (isStandardOutput(out))
    throw new AppError(
      'USAGE',
      'A recovery key is proved by being read back, and what goes to standard output cannot be.',
      {
        notChanged: 'No recovery key was made; an earlier one stays.',
        remedy: 'Name a file, or run the command on a terminal without --out.',
      },
    );
  const before = await client.catalog.show();
  const { recoveryKey } = await client.catalog.proposeRecoveryKey(await presentKey(io, before, openedBy));
  const file = out === undefined ? undefined : resolve(out);
  const catalog =
    file === undefined
      ? await keepTyped(io, client, recoveryKey)
      : await keepWritten(client, recoveryKey, file);
  const lines = [
    file === undefined
      ? 'The recovery key is kept.'
      : `The recovery key is in ${quoted(file)}; only its owner may read it.`,
    'Keep it apart from the catalog and from this computer: whoever has both has everything.',
    ...(before.recoveryKey
      ? ['The earlier recovery key opens this catalog no more; it still opens copies made before.']
      : []),
  ];
  io.result({ catalog, ...(file === undefined ? {} : { file }) }, () => lines);
  return EXIT.done;
}

/** Shown once; what was written down is proved by being typed again. */
async function keepTyped(io: Io, client: EngineClient, recoveryKey: string): Promise<CatalogView> {
  io.surroundings.stderr.write(
    `The recovery key of this catalog, shown this once and stored nowhere:\n\n    ${recoveryKey}\n\nWrite it down now.\n`,
  );
  for (let tries = 1; ; tries++) {
    const typed = await ask(io, 'Type it again (Enter cancels): ');
    if (typed.trim() === '')
      throw new AppError('CANCELED', 'The recovery key was not typed again, and is not kept.', {
        notChanged: 'The catalog opens with the keys that it had before.',
        remedy: 'Run the command again for another one, or have it written into a file (--out).',
      });
    try {
      return await client.catalog.keepRecoveryKey({ recoveryKey: typed });
    } catch (error) {
      const known = asAppError(error);
      if (known.code !== 'WRONG_KEY' || tries === TRIES) throw known;
      io.note(`${known.message} Try again.`);
    }
  }
}

/** What was written is proved by being read back. */
async function keepWritten(client: EngineClient, recoveryKey: string, path: string): Promise<CatalogView> {
  await writeOnce(path, `${recoveryKey}\n`);
  try {
    return await client.catalog.keepRecoveryKey({ recoveryKey: await readFile(path, 'utf8') });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeOnce(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new AppError(
      'FILE_FAILED',
      code === 'EEXIST'
        ? `${quoted(path)} is there already, and is not replaced.`
        : `${quoted(path)} could not be written (${code}).`,
      {
        notChanged: 'No recovery key was made; an earlier one stays.',
        remedy: 'Choose another file.',
        cause: error,
      },
    );
  }
}

export async function checkRecoveryKey(
  io: Io,
  client: MaintenanceClient,
  file: string | undefined,
): Promise<ExitCode> {
  const recoveryKey = await recoveryKeyToCheck(io, file);
  const { createdAt } = await client.checkRecoveryKey({ recoveryKey });
  io.result({ opens: true, createdAt }, () => [
    `${io.paint.green('It opens this catalog.')} It was made at ${instant(createdAt)}.`,
  ]);
  return EXIT.done;
}

async function recoveryKeyToCheck(io: Io, file: string | undefined): Promise<string> {
  const given =
    file === undefined ? await givenRecoveryKey(io) : await readSecretFile(io, file, 'recovery key');
  if (given !== undefined) return given;
  if (io.interactive) return askHidden(io, 'Recovery key: ');
  throw new AppError('USAGE', 'No recovery key was given, and nobody can be asked.', {
    notChanged: 'Nothing was done.',
    remedy: 'Name the file that holds it: --file, or DRAWBRIDGE_RECOVERY_KEY_FILE.',
  });
}

function tellCatalog(io: Io, catalog: CatalogView, sentences: readonly string[]): void {
  io.result({ catalog }, () => [...sentences, ...catalogLines(catalog, io)]);
}
