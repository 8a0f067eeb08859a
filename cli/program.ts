import { Command, CommanderError, type Option } from 'commander';
import { AppError } from '../contract/errors.ts';
import { asAppError } from '../contract/wire.ts';
import { registerApply } from './commands/apply.ts';
import { registerBackup } from './commands/backup.ts';
import { registerCatalog } from './commands/catalog.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDiff } from './commands/diff.ts';
import { registerEnv } from './commands/env.ts';
import { examples } from './commands/examples.ts';
import { registerHelp } from './commands/help.ts';
import { registerJob } from './commands/job.ts';
import { registerPlan } from './commands/plan.ts';
import { registerRealms } from './commands/realms.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerSandbox } from './commands/sandbox.ts';
import { registerSchedule } from './commands/schedule.ts';
import { registerSeed } from './commands/seed.ts';
import { registerServe } from './commands/serve.ts';
import { registerSnapshot } from './commands/snapshot.ts';
import { registerStoredPlans } from './commands/stored-plans.ts';
import { withNamesJoined } from './commands/two-words.ts';
import { unknownWord } from './commands/unknown-word.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import { Host } from './host.ts';
import { Io, type GlobalOptions, type Surroundings } from './io.ts';
import { errorDocument } from './render/error.ts';
import { listed } from './render/numbers.ts';
import { version } from './version.ts';

/** Runs one command line as the executable does, and returns its exit code. Never throws, never ends the process. */
export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const host = new Host(surroundings);
  const { program, complaint } = buildProgram(host, { json: asksForJson(words) });
  try {
    await program.parseAsync(withNamesJoined(words), { from: 'user' });
    return host.exitCode ?? EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const json = asksForJson(words);
    // As far as the line could be read.
    const io = new Io(surroundings, { ...program.opts<GlobalOptions>(), json });
    if (!(error instanceof CommanderError)) return tellError(asAppError(error), io);
    // A command that only groups others was called without one: commander answers with the help and nothing else.
    if (error.code === 'commander.help' && !json) {
      surroundings.stderr.write(complaint());
      return EXIT.usage;
    }
    return tellError(usageError(error, program), io);
  }
}

export interface Program {
  readonly program: Command;
  /** What commander wrote about a wrong command line. */
  readonly complaint: () => string;
}

/** @param json whether the version is asked for as JSON: it is told while the line is still being parsed */
export function buildProgram(host: Host, { json = false } = {}): Program {
  const { stdout, stderr } = host.surroundings;
  let complaint = '';
  const program = new Command('drawbridge')
    .description('Backs up, compares, migrates and restores the realms of OpenGate IAM.')
    .version(json ? JSON.stringify({ version: version() }) : version(), '--version', 'print the version')
    .helpOption('--help', 'show help for a command')
    .helpCommand(false)
    .addHelpText('beforeAll', ({ command, error }) => {
      // `nonsense --help` must not be answered by another command's help, as if all were well.
      const unknown = error ? undefined : unknownWord(command);
      if (unknown) throw unknown;
      return '';
    })
    .option(
      '--catalog <dir>',
      'folder of the catalog (default: DRAWBRIDGE_CATALOG, else where the platform keeps data)',
    )
    .option('--json', 'print one JSON document on standard output, everything else on standard error')
    .option('--quiet', 'print only results, errors and dangers')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, optionDescription: describeOption })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      // Help after a wrong command line, and the complaint itself: both are told once, in our own form.
      writeErr: (text) => {
        complaint += text;
      },
      getOutHelpWidth: () => Math.min(stdout.columns ?? 110, 110),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 110, 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  program.commandsGroup('Environments:');
  registerEnv(program, host);
  registerRealms(program, host);
  program.commandsGroup('Backups:');
  registerBackup(program, host);
  registerSnapshot(program, host);
  registerSchedule(program, host);
  program.commandsGroup('Migration:');
  registerDiff(program, host);
  registerPlan(program, host);
  registerStoredPlans(program, host);
  registerApply(program, host);
  registerRollback(program, host);
  registerSeed(program, host);
  program.commandsGroup('Keeping the catalog:');
  registerCatalog(program, host);
  program.commandsGroup('Jobs:');
  registerJob(program, host);
  program.commandsGroup('Windows:');
  registerServe(program, host);
  program.commandsGroup('Trying it:');
  registerSandbox(program, host);
  registerDemo(program, host, runCommandLine);
  program.commandsGroup('Help:');
  registerHelp(program, host);
  registerCompletion(program, host);
  // Those that only hold others.
  for (const group of every(program).filter(({ commands }) => commands.length > 0))
    group.on('command:*', () => {
      throw unknownWord(group);
    });
  examples(
    program,
    [
      'drawbridge demo                                 # see it work, in about a minute',
      'drawbridge env add dev --api-url http://localhost:8089 --client-id admin-cli --client-secret-env SECRET',
      'drawbridge backup dev acme',
      'drawbridge plan latest:dev/acme prod            # what would change; changes nothing',
      'drawbridge apply <plan>',
      'drawbridge rollback <job>                       # undo it',
    ],
    ENVIRONMENT_HELP,
  );
  return { program, complaint: () => complaint };
}

function describeOption({ description, argChoices, defaultValue }: Option): string {
  const standard =
    defaultValue === undefined || typeof defaultValue === 'boolean' ? undefined : String(defaultValue);
  if (argChoices) {
    const words = argChoices.map((word) => (word === standard ? `${word} (the default)` : word));
    return `${description}: ${listed(words, 'or')}`;
  }
  return standard === undefined ? description : `${description} (default: ${standard})`;
}

const ENVIRONMENT_HELP = `
The catalog is encrypted. Its passphrase comes from DRAWBRIDGE_PASSPHRASE, from the file named by
DRAWBRIDGE_PASSPHRASE_FILE, from the keychain of the operating system, or is asked for. Where it is lost, the recovery
key in the file named by DRAWBRIDGE_RECOVERY_KEY_FILE opens the catalog.

Exit codes: 0 done, no difference; 1 failed; 2 wrong usage; 3 differences exist; 4 confirmation needed;
5 environment unreachable or refused; 6 target changed since the preview; 7 finished with item failures;
8 catalog missing, locked, damaged or wrong key; 130 interrupted; 143 terminated.`;

function usageError(error: CommanderError, program: Command): AppError {
  const message =
    error.code === 'commander.help'
      ? 'A command is missing'
      : error.message
          .replace(/^error: /, '')
          // commander puts its suggestion on a line of its own.
          .replace(/\s*\n\s*/g, ' ')
          // What stands behind a flag that does not exist may be a secret, and this goes into logs.
          .replace(/(?<=unknown option '--[\w-]+=).*(?=')/s, '…')
          .replace(/(?<=^|[\s(])'(.*?)'(?=[\s.,)]|$)/g, '“$1”')
          .trim();
  const sentence = message.charAt(0).toUpperCase() + message.slice(1) + longerFlags(error, program);
  return new AppError('USAGE', sentence.replace(/([^.)?!])$/, '$1.'), {
    notChanged: 'Nothing was done.',
    remedy: 'Correct the command line; --help after the command explains it, with examples.',
  });
}

/**
 * Flags that begin with the one that was typed, where commander suggests none: who types `--client-secret` is to be told that
 * a secret is named by a variable or a file, and never typed.
 */
function longerFlags({ code, message }: CommanderError, program: Command): string {
  const typed = /unknown option '(--[a-z-]+)/.exec(message)?.[1];
  if (code !== 'commander.unknownOption' || typed === undefined || message.includes('Did you mean'))
    return '';
  const flags = every(program).flatMap(({ options }) => options.flatMap(({ long }) => long ?? []));
  const meant = [...new Set(flags)].filter((flag) => flag.startsWith(`${typed}-`));
  return meant.length === 0 ? '' : ` (Did you mean ${listed(meant, 'or')}?)`;
}

function every(command: Command): Command[] {
  return [command, ...command.commands.flatMap(every)];
}

/** Told from the bare words, because the command line may be one that cannot be parsed. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).includes('--json');
}

function tellError(error: AppError, io: Io): ExitCode {
  if (io.json) io.document(errorDocument(error));
  io.failure(error);
  const { name } = io.interruption;
  if (name !== undefined && error.code === 'CANCELED')
    return name === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  return exitCodeOf(error.code);
}
