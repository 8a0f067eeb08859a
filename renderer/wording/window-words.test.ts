import { describe, expect, test } from 'vitest';
import { inWindows, windowText } from './window-words.ts';

/** `[words](/screen)` leads to a screen, `` `text` `` is for a terminal. */
function marked(text: string): string {
  return inWindows(text)
    .map((piece) =>
      typeof piece === 'string'
        ? piece
        : 'words' in piece
          ? `[${piece.words}](${piece.to})`
          : `\`${piece.command}\``,
    )
    .join('');
}

describe('a command becomes the place of what it does', () => {
  test.each([
    [
      'behind a colon one is told what to do',
      'Bring it back to what it was before: drawbridge rollback 7k2m4x9q1c0d.',
      'Bring it back to what it was before: press [“Undo …” on the page of job 7k2m4x9q1c0d](/migrate?job=7k2m4x9q1c0d).',
    ],
    [
      'a page is looked at',
      'See what it did: drawbridge job show 12ab. Then go on.',
      'See what it did: look at [the page of job 12ab](/jobs/12ab). Then go on.',
    ],
    [
      'in parentheses one is referred to it',
      'Wait until it has finished (drawbridge job show 12ab), then try again.',
      'Wait until it has finished (see [the page of job 12ab](/jobs/12ab)), then try again.',
    ],
    [
      'in parentheses, to a button',
      'Give the environment its former address back (drawbridge env update prod-eu), then continue; or make a new plan.',
      'Give the environment its former address back ([“Edit” on the page of prod-eu](/environments/prod-eu/edit)), then continue; or make a new plan.',
    ],
    [
      'in quotes it is a thing',
      'Keep a passphrase: “drawbridge catalog passphrase” changes it.',
      'Keep a passphrase: [“Change the passphrase” in Settings, under Encryption](/settings/encryption) changes it.',
    ],
    [
      'among words it is a thing too',
      'Correct the name of the database, in the address or by drawbridge env update <env> --pg-database <service>=<name>.',
      'Correct the name of the database, in the address or by [“Edit” on the environment’s page](/environments).',
    ],
    [
      'several in one text',
      'Wait until it has ended (drawbridge job show 12ab), or stop it: drawbridge job cancel 12ab. Then try again.',
      'Wait until it has ended (see [the page of job 12ab](/jobs/12ab)), or stop it: press [“Cancel the job” on the page of job 12ab](/jobs/12ab). Then try again.',
    ],
    [
      'at the end of a text there is a full stop',
      'There is no environment “dev”. Add one with: drawbridge env add <name> --api-url … --client-id … (or --pg-url …)',
      'There is no environment “dev”. Add one: press [“Add an environment” under Environments](/environments/_new).',
    ],
    [
      'a plan keeps its two sides, and says what else it named',
      'A new plan shows them, and how to settle them: drawbridge plan 3fk9 prod --realm-name acme-2. Settle them.',
      'A new plan shows them, and how to settle them: go to [Migrate & restore](/migrate?source=3fk9&target=prod), and name the realm acme-2 there. Settle them.',
    ],
    [
      'a list is looked under',
      'Take one: drawbridge backup dev acme. What there is: drawbridge snapshot list.',
      'Take one: press [“Back up…” on the page of dev](/environments/dev). What there is: look under [Snapshots](/snapshots).',
    ],
    [
      'an environment’s realms stand on its page',
      'Check the spelling. To see which realms there are: drawbridge realms dev.',
      'Check the spelling. To see which realms there are: look at [the page of dev](/environments/dev).',
    ],
  ])('%s', (_, said, expected) => {
    expect(marked(said)).toBe(expected);
  });
});

describe('what windows do not offer is left for a terminal, and said to be so', () => {
  test.each([
    [
      'quoted',
      'Check the disk. “drawbridge catalog repair” saves what is whole into a new catalog.',
      'Check the disk. `drawbridge catalog repair` in a terminal saves what is whole into a new catalog.',
    ],
    [
      'a command that nobody has thought of',
      'Look at it: drawbridge catalog polish --all 12ab. Then go on (drawbridge tidy).',
      'Look at it: in a terminal, `drawbridge catalog polish --all 12ab`. Then go on (in a terminal: `drawbridge tidy`).',
    ],
    [
      'flags of what was begun there',
      'Correct the file. Or say that it is meant, in this command: --unsupported skip or --issued-clients leave. “plan” with this file has flags that leave such records out, or settle them in other ways.',
      'Correct the file. Or say that it is meant, in a terminal, where it is started: `--unsupported skip or --issued-clients leave`. [Migrate & restore](/migrate), with this file as the source, can leave such records out, or settle them in other ways.',
    ],
  ])('%s', (_, said, expected) => {
    expect(marked(said)).toBe(expected);
  });
});

describe('flags and variables become words, or are left out where the words are there already', () => {
  test.each([
    [
      'Check the passphrase (DRAWBRIDGE_PASSPHRASE, DRAWBRIDGE_PASSPHRASE_FILE) and the catalog’s folder (--catalog).',
      'Check the passphrase and the catalog’s folder.',
    ],
    ['Check the folder (--catalog or DRAWBRIDGE_CATALOG).', 'Check the folder.'],
    [
      'Refused: the address of the Admin API (--api-url): expected a web address; the name: too long.',
      'Refused: the address of the Admin API: expected a web address; the name: too long.',
    ],
    [
      'If that is meant, confirm it: --confirm acme --confirm-environment prod.',
      'If that is meant, confirm it by typing the realm’s name, acme, and the environment’s, prod.',
    ],
    [
      'If that is meant, confirm it: --confirm acme.',
      'If that is meant, confirm it by typing the realm’s name, acme.',
    ],
    [
      'Add a rule that keeps the newest, such as --keep-last 1.',
      'Add a rule that keeps the newest, such as “Last: 1”.',
    ],
    [
      'Wait until it has (drawbridge job show 12ab), or stop it where it was started, by Ctrl-C. Then try again.',
      'Wait until it has (see [the page of job 12ab](/jobs/12ab)), or cancel it there. Then try again.',
    ],
  ])('%s', (said, expected) => {
    expect(marked(said)).toBe(expected);
  });
});

describe('all else is left as it is', () => {
  test.each([
    'The realm was not changed.',
    'End every other Drawbridge that uses it, also “drawbridge serve”.',
    // Names in a realm are no commands of ours.
    'Role “drawbridge --polish” has no “drawbridge”: see (--polish and more) and [this](/there).',
    'The command “nightly” ended with 2.',
    '',
  ])('%s', (text) => {
    expect(inWindows(text)).toEqual([text]);
  });

  test('what stands in names is no mark of the tables', () => {
    expect(inWindows('confirm it: --confirm `[a](/b)`{job}.')).toEqual([
      'confirm it by typing the realm’s name, `[a](/b)`{job}.',
    ]);
  });
});

test('where no link can stand, the same is said in words', () => {
  expect(windowText('Run it: drawbridge rollback 12ab. Or “drawbridge catalog repair” helps.')).toBe(
    'Run it: press “Undo …” on the page of job 12ab. Or “drawbridge catalog repair” in a terminal helps.',
  );
});
