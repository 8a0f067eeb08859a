/** Words around flags and variables, which have to be other words where there are neither. */
export interface Phrase {
  readonly said: RegExp;
  /** `[words](/screen)` leads to a screen, `` `text` `` is for a terminal; what the groups of `said` hold is filled in. */
  readonly instead: string;
}

/** Flags and variables that a sentence only adds in parentheses, to what it has said in words. */
const NAMES_ONLY =
  /\s\((?:(?:, | or )?(?:in a file named by )?(?:--[a-z][a-z-]*|DRAWBRIDGE_[A-Z_]+))+\)(?=[\s.,;:)]|$)/g;

/** In this order, before single commands are looked for. */
export const PHRASES: readonly Phrase[] = [
  { said: NAMES_ONLY, instead: '' },

  // Where the catalog is, and what opens it
  { said: /\bchoose another folder with --catalog\b/g, instead: 'choose another folder' },
  { said: /\bname the copy by --catalog\b/g, instead: 'have Drawbridge open the folder of the copy' },
  {
    said: /\bStart Drawbridge without --catalog and DRAWBRIDGE_CATALOG to choose one here\./g,
    instead:
      'To choose one here, start Drawbridge in a terminal without `--catalog`, and without `DRAWBRIDGE_CATALOG` among its variables.',
  },
  {
    said: / in DRAWBRIDGE_PASSPHRASE or in a file named by DRAWBRIDGE_PASSPHRASE_FILE/g,
    instead: '',
  },
  {
    said: /\bPut it into a file and name that in DRAWBRIDGE_RECOVERY_KEY_FILE\./g,
    instead: 'Type it where the catalog is opened.',
  },
  {
    said: /\bGive one in DRAWBRIDGE_NEW_PASSPHRASE or in a file named by DRAWBRIDGE_NEW_PASSPHRASE_FILE, or run the command on a terminal\./g,
    instead: 'Set one first, in [Settings, under Encryption](/settings/encryption).',
  },
  { said: /, or run the command on a terminal, where it is asked for\./g, instead: '.' },
  {
    said: /\(drawbridge catalog show, snapshot list\)/g,
    instead: '(when this catalog is locked, “Use another folder…” opens either)',
  },
  { said: /: --to <folder>/g, instead: '' },
  { said: /\brun the command again\b/g, instead: 'try again' },

  // Environments
  {
    said: /\bgive its address with --gateway-url\b/g,
    instead: 'give it as the environment’s “Address of the gateway”',
  },
  {
    said: /\bgive its address with --auth-url\b/g,
    instead: 'give it as the environment’s “Address that issues tokens”',
  },

  // Plans and jobs
  { said: /: --realm-name <name>/g, instead: ', at the step [“What”](/migrate/what)' },
  {
    said: /\bconfirm it: --confirm (?<realm>\S+) --confirm-environment (?<environment>\S+?)\.(?=\s|$)/g,
    instead: 'confirm it by typing the realm’s name, {realm}, and the environment’s, {environment}.',
  },
  {
    said: /\bconfirm it: --confirm (?<realm>\S+?)\.(?=\s|$)/g,
    instead: 'confirm it by typing the realm’s name, {realm}.',
  },
  {
    said: /\bWhat shows them: drawbridge rollback (?<job>[0-9a-z]+)\./g,
    instead: '[“Undo …” on the page of job {job}](/migrate?job={job}) shows them.',
  },
  { said: /, or stop it where it was started, by Ctrl-C\./g, instead: ', or cancel it there.' },
  {
    said: /, then apply a new plan: drawbridge rollback (?<job>[0-9a-z]+)\./g,
    instead:
      ', by [“Undo …” on the page of job {job}](/migrate?job={job}); then make a new plan and apply that.',
  },
  // Windows seed nothing: a seeding that they show was begun by a command.
  {
    said: /\bsay that it is meant, in this command: (?<flags>[^.]+)\./g,
    instead: 'say that it is meant, in a terminal, where it is started: `{flags}`.',
  },
  {
    said: /“plan” with this file has flags that leave such records out, or settle them in other ways\./g,
    instead:
      '[Migrate & restore](/migrate), with this file as the source, can leave such records out, or settle them in other ways.',
  },
  {
    said: /\bseed it once with --if-exists merge\./g,
    instead: 'seed it once more in a terminal, with `--if-exists merge`.',
  },

  // Files
  { said: /, for example: iconv -f \S+ -t UTF-8 document\.json > clean\.json/g, instead: '.' },
  { said: /, or remove the mark: tail -c \+4 document\.json > clean\.json/g, instead: '.' },
  { said: /: gunzip document\.json\.gz/g, instead: ', and give the file that comes out.' },
  {
    said: /: age -d <file> > archive\.tar\.zst/g,
    instead: ': in a terminal, `age -d <file> > archive.tar.zst`',
  },
  { said: /\bChoose another --format\b/g, instead: 'Choose another format' },
  {
    said: /\bare written with --include-secrets only\./g,
    instead: 'are written only where “With the secrets and hashes that the snapshot holds” is ticked.',
  },
  {
    said: /\bsay so with --env-vars\./g,
    instead: 'say so where it is imported, under [Snapshots](/snapshots).',
  },

  // What is kept
  { said: /, such as --keep-last 1\./g, instead: ', such as “Last: 1”.' },
  {
    said: /\bconfirm it by their number: --confirm (?<number>\S+?)\.(?=\s|$)/g,
    instead: 'confirm it by typing their number, {number}.',
  },

  // The sandbox
  {
    said: /\bIf a port is taken, choose another one with --port, or none to get free ones\./g,
    instead: 'If a port was taken meanwhile, try again: others are looked for.',
  },
  {
    said: /\bRun `npm ci` without --omit=optional and without --ignore-scripts\b/g,
    instead: 'Run `npm ci` in a terminal, without `--omit=optional` and without `--ignore-scripts`',
  },

  // What error codes mean, which is written for both
  { said: /, or “drawbridge job retry” in a terminal,/g, instead: '' },
  {
    said: / For a catalog, the command line also takes it from DRAWBRIDGE_PASSPHRASE, or from the file that DRAWBRIDGE_PASSPHRASE_FILE names; each command’s --help says what it takes\./g,
    instead: '',
  },
];
