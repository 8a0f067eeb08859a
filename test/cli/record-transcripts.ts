/**
 * Records docs/transcripts from real runs of the executable against a real sandbox: `node test/cli/record-transcripts.ts`,
 * or only those that are named (`databases.txt`).
 * Ids, ports, times and durations are those of the run.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSandbox, type FaultHook, type Sandbox } from '../../sandbox/index.ts';
import { ENV_FAULTS, FAULT_SECRET } from './env-faults.ts';

const EXECUTABLE = fileURLToPath(new URL('../../cli/drawbridge.mjs', import.meta.url));
const TRANSCRIPTS = fileURLToPath(new URL('../../docs/transcripts/', import.meta.url));

const SETTLED = '--realm merge --users merge --clients skip --unsupported skip --conflicts skip';

/** One session: its text, and the folder and variables that its commands run in. */
class Session {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly lines: string[] = [];

  constructor(sandbox: Sandbox, folder: string) {
    this.sandbox = sandbox;
    this.folder = folder;
    this.env = {
      PATH: process.env['PATH'],
      HOME: folder,
      DRAWBRIDGE_CATALOG: 'catalog',
      DRAWBRIDGE_PASSPHRASE: 'a bridge of many planks 17',
      DEV_SECRET: sandbox.environment('dev').clientSecret,
      PROD_SECRET: sandbox.environment('prod').clientSecret,
      DEV_DATABASE: sandbox.environment('dev').pgUrl,
      PROD_DATABASE: sandbox.environment('prod').pgUrl,
    };
  }

  /** Variables that are set and not shown. */
  hide(variables: NodeJS.ProcessEnv): void {
    Object.assign(this.env, variables);
  }

  say(text: string): void {
    this.lines.push('', `# ${text}`);
  }

  /** Runs a command line (words without blanks in them) and keeps what it prints, in the order in which it does. */
  async type(line: string, env: NodeJS.ProcessEnv = {}, until?: Promise<void>): Promise<string> {
    const typed = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    this.lines.push('', `$ ${typed.join('')}drawbridge ${line}`);
    const path = join(this.folder, 'printed');
    await using file = await open(path, 'w');
    const child = spawn(process.execPath, [EXECUTABLE, ...line.split(' ')], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: ['ignore', file.fd, file.fd],
    });
    void until?.then(() => child.kill('SIGINT'));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
    const printed = await readFile(path, 'utf8');
    this.lines.push(printed.trim(), ...(code === 0 ? [] : [`[exit code ${code}]`]));
    return printed;
  }

  async meetBoth(): Promise<void> {
    for (const [name, stage] of [
      ['dev', 'development'],
      ['prod', 'production'],
    ] as const) {
      const { apiUrl, clientId } = this.sandbox.environment(name);
      await this.type(
        `env add ${name} --stage ${stage} --api-url ${apiUrl} --client-id ${clientId} --client-secret-env ${name.toUpperCase()}_SECRET`,
      );
    }
  }
}

const SESSIONS: Readonly<
  Record<string, (session: Session, misbehave: (hook: FaultHook | undefined) => void) => Promise<void>>
> = {
  async 'backups.txt'(session) {
    session.say('Two installations; their secrets are in the variables DEV_SECRET and PROD_SECRET.');
    await session.meetBoth();
    await session.type('env list');
    await session.type('realms dev');
    session.say('Backups: the second finds nothing changed, the third one changed user.');
    const first = await session.type('backup dev --all --tag nightly');
    await session.type('backup dev acme');
    await session.sandbox
      .environment('dev')
      .query(
        'user',
        `UPDATE users SET last_name = 'Pleasance' WHERE realm_name = 'acme' AND username = 'alice'`,
      );
    await session.type('backup dev acme --note after-the-wedding');
    await session.type(`diff ${/Snapshot (\w+) of realm “acme”/.exec(first)![1]!} latest:dev/acme`);
    await session.type('snapshot list --realm acme');
    await session.type('snapshot search latest:dev/acme pleasance');
    await session.type('snapshot verify');
    session.say('Out into a file that OpenGate accepts, and in again.');
    await session.type('snapshot export latest:dev/acme --out acme.json');
    await session.type('snapshot import acme.json --tag from-file');
    await session.type('diff latest:dev/acme ./acme.json');
  },

  async 'migration.txt'(session) {
    await session.meetBoth();
    await session.type('backup dev acme');
    session.say(
      'The preview; nothing is changed by it. It is blocked by conflicts, and says what settles them.',
    );
    await session.type('plan latest:dev/acme prod');
    session.say('Settled, and a look at what is updated.');
    const settled = await session.type(`plan latest:dev/acme prod ${SETTLED} --show update --limit 5`);
    session.say('Exactly that is carried out, and then read again.');
    const applied = await session.type(/drawbridge (apply \w+)/.exec(settled)![1]!);
    await session.type(/drawbridge (job report \w+)/.exec(applied)![1]!);
    session.say('A second run finds nothing to do.');
    await session.type(`migrate latest:dev/acme prod ${SETTLED}`);
  },

  async 'databases.txt'(session) {
    session.say(
      'Over PostgreSQL alone; the addresses, with their passwords, are in DEV_DATABASE and PROD_DATABASE.',
    );
    await session.type('env add dev --pg-url-env DEV_DATABASE');
    await session.type('env add prod --pg-url-env PROD_DATABASE --stage production');
    session.say('A backup holds everything. One without credentials can be passed on, and is no whole one.');
    await session.type('backup dev acme');
    await session.type('snapshot show latest:dev/acme --record credentials/alice/PASSWORD');
    await session.type('backup dev acme --no-credentials --tag for-support');
    session.say('Into prod, where acme went its own ways; then undone, down to the last hash.');
    await session.type('backup prod acme');
    const merged = await session.type(
      'migrate latest:dev/acme prod --realm merge --users merge --clients update --conflicts skip',
    );
    const undo = /drawbridge (rollback \w+)\n$/.exec(merged)![1]!;
    await session.type(undo);
    await session.type(`${undo} --confirm acme --confirm-environment prod`);
    await session.type('diff latest:prod/acme prod/acme');
    session.say('A realm that prod does not have: ids and passwords are kept.');
    await session.type('migrate dev/field-ops prod');
    session.say(
      'Both channels: settings and attributes over the Admin API, what only the databases can over them.',
    );
    const { apiUrl, clientId } = session.sandbox.environment('prod');
    await session.type(
      `env update prod --api-url ${apiUrl} --client-id ${clientId} --client-secret-env PROD_SECRET`,
    );
    await session.type('env list');
    await session.type(
      'plan latest:dev/acme prod --realm merge --users merge --clients update --conflicts skip --show update --limit 8',
    );
    session.say('What goes wrong.');
    const { host } = new URL(session.sandbox.environment('dev').pgUrl);
    await session.type(`env add wrong --pg-url postgres://opengate@${host}/ --pg-password-env PROD_SECRET`);
    await session.type('backup wrong acme');
  },

  async 'environments.txt'(session) {
    const flags = ({ clientId }: { clientId: string }, addresses: string) =>
      `${addresses} --client-id ${clientId} --client-secret-env`;
    session.say('A server that speaks as OpenGate’s documentation says.');
    const documented = session.sandbox.environment('dev');
    const known = async (name: string, given: string): Promise<void> => {
      await session.type(`env add ${name} ${given} --no-test`);
      await session.type(`env test ${name}`);
    };
    await known('dev', `${flags(documented, `--api-url ${documented.apiUrl}`)} DEV_SECRET`);
    await using sandbox = await startSandbox({ dialect: 'v1.1', environments: ['dev'], users: 2000 });
    const released = sandbox.environment('dev');
    const { apiUrl, authUrl, gatewayUrl } = released;
    const secret = { RELEASED_SECRET: released.clientSecret, RELEASED_DATABASE: released.pgUrl };
    session.hide(secret);
    session.say('One that is of the kind of release v1.1.0, with all its addresses.');
    const all = `--api-url ${apiUrl} --gateway-url ${gatewayUrl} --auth-url ${authUrl}`;
    await known('real', `--stage production ${flags(released, all)} RELEASED_SECRET`);
    session.say('The same by its gateway alone.');
    await known('by-gateway', `${flags(released, `--api-url ${gatewayUrl}`)} RELEASED_SECRET`);
    session.say('The same by its Admin API alone: what is out of reach then.');
    await known('by-api', `${flags(released, `--api-url ${apiUrl} --auth-url ${authUrl}`)} RELEASED_SECRET`);
    session.say('The same with its databases.');
    await session.type('env update real --pg-url-env RELEASED_DATABASE --no-test');
    await session.type('env test real');
    session.say('How hard it is asked, and what else is known of it.');
    await session.type('env update real --api-concurrency 8 --api-rate 100 --api-scope openid --no-test');
    await session.type('env show real');
    await session.type('env list');
    session.say('What can be wrong with an environment. (The secret is in FAULT_SECRET.)');
    session.hide({ FAULT_SECRET });
    for (const fault of ENV_FAULTS) {
      session.say(fault.tells);
      const started = await fault.start(session.folder);
      const given = started.flags.map((flag) => flag.replace(`${session.folder}/`, ''));
      await known(fault.name, given.join(' '));
      await started.close();
    }
    session.say('Addresses without their scheme: nothing is guessed, and nothing sent.');
    for (const address of ['localhost:8089', 'iam.example.com:8089'])
      await session.type(
        `env add typed --api-url ${address} --client-id admin-cli --client-secret-env FAULT_SECRET`,
      );
  },

  async 'refusals.txt'(session, misbehave) {
    await session.meetBoth();
    await session.type('backup dev acme');
    session.say('Typing errors.');
    await session.type('bakup dev acme');
    await session.type('plan latest:dev/acme prod --usrs merge');
    await session.type('plan latest:dev/acme prod --users replace');
    await session.type('env test prdo');
    session.say('What destroys is not done without its name being typed.');
    await session.type('migrate latest:dev/acme prod --realm overwrite --unsupported skip --conflicts skip');
    session.say('The target changed between preview and apply.');
    const plan = await session.type(`plan latest:dev/acme prod ${SETTLED}`);
    await session.sandbox
      .environment('prod')
      .query('user', `UPDATE users SET enabled = false WHERE realm_name = 'acme' AND username = 'alice'`);
    await session.type(/drawbridge (apply \w+)/.exec(plan)![1]!);
    session.say('Servers that do not answer as they should.');
    await session.type('backup dev no-such-realm');
    misbehave(({ path }) => (path.endsWith('/export') ? { kind: 'breakAfter', bytes: 20_000 } : undefined));
    await session.type('backup dev acme');
    misbehave(({ path }) =>
      path.endsWith('/export')
        ? {
            kind: 'answer',
            status: 200,
            body: '<html>Sign in</html>',
            headers: { 'content-type': 'text/html' },
          }
        : undefined,
    );
    await session.type('backup dev acme');
    misbehave(undefined);
    await session.type(
      'env add nowhere --api-url http://127.0.0.1:1 --client-id x --client-secret-env DEV_SECRET',
    );
    session.say('A file that is not what it should be.');
    await writeFile(
      join(session.folder, 'broken.json'),
      '{\n  "realm": { "id": "x" },\n  "users": [\n    { "username": "ann" },\n    { "username": 7 }\n  ]\n}\n',
    );
    await session.type('snapshot import broken.json');
    session.say('The catalog and its key.');
    await session.type('env list', { DRAWBRIDGE_PASSPHRASE: 'wrong' });
    await session.type('env list', { DRAWBRIDGE_CATALOG: 'elsewhere' });
  },

  async 'interruption.txt'(session, misbehave) {
    await session.meetBoth();
    await session.type('backup dev acme');
    session.say('Ctrl-C during the import. (The sandbox answers slowly here, so that there is time for it.)');
    let batches = 0;
    let reached = (): void => {};
    const second = new Promise<void>((resolve) => {
      reached = resolve;
    });
    misbehave(({ path }) => {
      if (!path.endsWith('/users/import')) return undefined;
      batches += 1;
      if (batches === 3) reached();
      return batches < 3 ? undefined : { kind: 'delay', delayMilliseconds: 3000 };
    });
    const stopped = await session.type(`migrate latest:dev/acme prod ${SETTLED}`, {}, second);
    misbehave(undefined);
    await session.type('job list --limit 2');
    session.say('What is left is found by planning anew, and done.');
    await session.type(`migrate latest:dev/acme prod ${SETTLED}`);
    if (!stopped.includes('Done before that')) throw new Error('The interruption came too late.');
  },

  async 'pipeline.txt'(session) {
    const { apiUrl } = session.sandbox.environment('dev');
    await session.type(
      `env add dev --api-url ${apiUrl} --client-id admin-cli --client-secret-env DEV_SECRET --json --quiet`,
    );
    session.say('Seeding is safe to repeat: exit code 0 both ways.');
    await writeFile(
      join(session.folder, 'realm-seed.json'),
      JSON.stringify({
        realm: { id: 'shop', displayName: 'Shop' },
        roles: [{ name: 'admin' }, { name: 'viewer' }],
        clients: [],
        users: [{ username: 'robot', email: 'robot@shop.example', roles: ['admin'] }],
      }),
    );
    await session.type('seed realm-seed.json dev --json --quiet');
    await session.type('seed realm-seed.json dev --json --quiet');
    session.say('Is anything to be done? Exit code 3 says yes, 0 no.');
    await session.type('plan ./realm-seed.json dev --realm merge --exit-code --json --quiet');
    await session.type('diff ./realm-seed.json dev/shop --json --quiet');
    session.say('Errors are documents too.');
    await session.type('plan dev/shop prod --json --quiet');
  },
};

const named = process.argv.slice(2);
const wanted = (name: string): boolean => named.length === 0 || named.includes(name);

await mkdir(TRANSCRIPTS, { recursive: true });
for (const [name, tell] of Object.entries(SESSIONS).filter(([name]) => wanted(name))) {
  let hook: FaultHook | undefined;
  await using sandbox = await startSandbox({ users: 5000, onRequest: (request) => hook?.(request) });
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-transcript-'));
  try {
    const session = new Session(sandbox, folder);
    await tell(session, (next) => {
      hook = next;
    });
    await save(name, session.lines.join('\n'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
if (wanted('demo.txt')) await save('demo.txt', await demoText());

async function demoText(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(process.execPath, [EXECUTABLE, 'demo'], { env: { PATH: process.env['PATH'] } }, (error, stdout) =>
    error ? reject(error) : resolve(`$ npm run demo\n\n${stdout.trim()}`),
  );
  return promise;
}

async function save(name: string, text: string): Promise<void> {
  if (text.includes(tmpdir()) || text.includes(EXECUTABLE))
    throw new Error(`${name} has a path of this machine in it.`);
  await writeFile(join(TRANSCRIPTS, name), `${text.trim()}\n`);
  console.log(`docs/transcripts/${name}`);
}
