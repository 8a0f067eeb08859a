/** What windows have in the place of a command of the command line. */
export interface Counterpart {
  /** The words behind “drawbridge”, as a regular expression. What its groups hold is filled into the rest. */
  readonly command: string;
  /** What one does with it, where a sentence comes to it by a colon: "press". */
  readonly verb: string;
  /** What it is called, where it is spoken of as a thing. The screen that it is on is led to by these words. */
  readonly name: string;
  readonly to: string;
  /** What there is to be done besides, behind a colon. */
  readonly besides?: string;
}

const JOB = '(?<job>[0-9a-z]+)';
const SNAPSHOT = '(?<snapshot>[0-9a-z]+)';
const ENVIRONMENT = '(?<environment>[0-9a-z][0-9a-z-]*)';
const REALM = '(?<realm>[0-9a-z-]+)';

/** The first that fits a command holds. */
export const COUNTERPARTS: readonly Counterpart[] = [
  {
    command: `job (?:show|report) ${JOB}`,
    verb: 'look at',
    name: 'the page of job {job}',
    to: '/jobs/{job}',
  },
  { command: 'job show', verb: 'look under', name: 'Jobs', to: '/jobs' },
  {
    command: `job resume ${JOB}`,
    verb: 'press',
    name: '“Resume” on the page of job {job}',
    to: '/jobs/{job}',
  },
  {
    command: `job cancel ${JOB}`,
    verb: 'press',
    name: '“Cancel the job” on the page of job {job}',
    to: '/jobs/{job}',
  },
  {
    command: `job retry ${JOB}`,
    verb: 'press',
    name: '“Try … again” on the page of job {job}',
    to: '/jobs/{job}',
  },
  {
    command: `rollback ${JOB}`,
    verb: 'press',
    name: '“Undo …” on the page of job {job}',
    // What that button does.
    to: '/migrate?job={job}',
  },
  { command: 'plan <source> <environment>', verb: 'go to', name: 'Migrate & restore', to: '/migrate' },
  {
    command: `plan ${SNAPSHOT} ${ENVIRONMENT} --realm-name ${REALM}`,
    verb: 'go to',
    name: 'Migrate & restore',
    to: '/migrate?source={snapshot}&target={environment}',
    besides: ', and name the realm {realm} there',
  },
  {
    command: `plan ${SNAPSHOT} ${ENVIRONMENT}`,
    verb: 'go to',
    name: 'Migrate & restore',
    to: '/migrate?source={snapshot}&target={environment}',
  },
  {
    command: `backup ${ENVIRONMENT} ${REALM}`,
    verb: 'press',
    name: '“Back up…” on the page of {environment}',
    to: '/environments/{environment}',
  },
  {
    command: `realms ${ENVIRONMENT}`,
    verb: 'look at',
    name: 'the page of {environment}',
    to: '/environments/{environment}',
  },
  {
    command: 'realms <environment>',
    verb: 'look at',
    name: 'the environment’s page',
    to: '/environments',
  },
  { command: 'snapshot list(?: --all)?', verb: 'look under', name: 'Snapshots', to: '/snapshots' },
  {
    command: `snapshot search ${SNAPSHOT} <text>`,
    verb: 'search',
    name: 'snapshot {snapshot}',
    to: '/snapshots/{snapshot}',
  },
  { command: 'snapshot verify', verb: 'press', name: '“Verify” under Snapshots', to: '/snapshots' },
  {
    command: 'snapshot restore-from-trash',
    verb: 'press',
    name: '“Restore” in the trash, under Snapshots',
    to: '/snapshots/trash',
  },
  {
    command: 'snapshot import <file>',
    verb: 'press',
    name: '“Import a file” under Snapshots',
    to: '/snapshots',
  },
  {
    command: 'snapshot export --format archive',
    verb: 'press',
    name: '“Export …” in the menu of a snapshot',
    to: '/snapshots',
  },
  {
    command: 'env add <name> --api-url … --client-id … \\(or --pg-url …\\)',
    verb: 'press',
    name: '“Add an environment” under Environments',
    to: '/environments/_new',
  },
  {
    command: 'env remove <name>',
    verb: 'press',
    name: '“Remove…” on its page, under Environments',
    to: '/environments',
  },
  {
    command: 'env update <name> --api-scope …',
    verb: 'press',
    name: '“Edit” on the environment’s page',
    to: '/environments',
    besides: ', and fill in “Scopes to ask a token with”',
  },
  {
    command: 'env update <name> --remove-api',
    verb: 'press',
    name: '“Edit” on the environment’s page',
    to: '/environments',
    besides: ', and switch “Use the Admin API” off',
  },
  {
    command: 'env update <env> --pg-database [<>0-9a-z]+=<[^>]+>',
    verb: 'press',
    name: '“Edit” on the environment’s page',
    to: '/environments',
    besides: ', and fill in “Databases of the services”',
  },
  {
    command: `env update ${ENVIRONMENT}`,
    verb: 'press',
    name: '“Edit” on the page of {environment}',
    to: '/environments/{environment}/edit',
  },
  {
    command: 'schedule update',
    verb: 'press',
    name: '“Edit” beside it, under Schedules',
    to: '/schedules',
  },
  { command: 'schedule list', verb: 'look under', name: 'Schedules', to: '/schedules' },
  {
    command: 'catalog verify',
    verb: 'press',
    name: '“Verify everything” in Settings, under Storage',
    to: '/settings/storage',
  },
  {
    command: 'catalog passphrase',
    verb: 'press',
    name: '“Change the passphrase” in Settings, under Encryption',
    to: '/settings/encryption',
  },
  {
    command: 'catalog keychain on',
    verb: 'press',
    name: '“Let the keychain open it” in Settings, under Encryption',
    to: '/settings/encryption',
  },
];

/** Commands that windows have nothing for: they say so, and name them. */
export const ONLY_IN_TERMINALS: readonly string[] = [
  // Of a catalog that is open; one that cannot be opened is repaired where that is said.
  'catalog repair',
  // Of one whose folder was given at the start; Settings move any other.
  'catalog move',
  // Of one whose description is damaged: no list shows it.
  `snapshot delete ${SNAPSHOT}`,
];
