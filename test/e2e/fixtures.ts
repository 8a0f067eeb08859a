import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect, type Page } from '@playwright/test';
import { Program, projectFolder } from './program.ts';

export { expect } from '@playwright/test';

export const PASSPHRASE = 'correct horse battery staple';

export interface E2eOptions {
  /** Which of the hosts shows the windows. */
  readonly window: 'loopback' | 'electron';
}

/** An OpenGate stand-in, as `drawbridge sandbox --json` tells of it. */
export interface StandIn {
  readonly name: string;
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly gatewayUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly pgUrl: string;
  readonly databases: Readonly<Record<string, string>>;
  readonly realms: readonly string[];
}

interface TestFixtures {
  /** A home folder of its own: catalog, preferences, everything. */
  readonly home: string;
  /** Runs the command line in that home; answers what it printed. */
  readonly drawbridge: (line: string, env?: Readonly<Record<string, string>>) => Promise<string>;
  /** A catalog with a passphrase, which the windows open by themselves. Off: the windows begin with their first run. */
  readonly withCatalog: boolean;
  /** The stand-ins `dev` and `prod`, in the catalog as environments over both channels. Off: none. */
  readonly withEnvironments: boolean;
  /** The window, at its first screen. Fails the test when anything violates the policy or is thrown. */
  readonly drawn: Page;
}

interface WorkerFixtures extends E2eOptions {
  /** Starts the stand-ins where that was not done yet: it takes some seconds. */
  readonly standIns: () => Promise<readonly StandIn[]>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  window: ['loopback', { option: true, scope: 'worker' }],
  withCatalog: [true, { option: true }],
  withEnvironments: [false, { option: true }],

  standIns: [
    async ({}, use) => {
      let sandbox: Program | undefined;
      let ready: Promise<readonly StandIn[]> | undefined;
      await use(() => {
        sandbox ??= new Program('sandbox --users 300 --json --quiet', process.env);
        ready ??= sandbox
          .firstLine()
          .then((line) => (JSON.parse(line) as { environments: StandIn[] }).environments);
        return ready;
      });
      await sandbox?.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'drawbridge-e2e-'));
    await use(home);
    await rm(home, { recursive: true, force: true });
  },

  drawbridge: async ({ home }, use) => {
    await use(async (line, env = {}) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [join(projectFolder, 'cli/drawbridge.mjs'), ...line.split(' ')],
        { env: { ...environmentOf(home), DRAWBRIDGE_PASSPHRASE: PASSPHRASE, ...env }, maxBuffer: 64e6 },
      );
      return stdout;
    });
  },

  drawn: async ({ page, home, drawbridge, standIns, withCatalog, withEnvironments }, use) => {
    if (withCatalog) await drawbridge('catalog init');
    if (withEnvironments) for (const standIn of await standIns()) await addEnvironment(drawbridge, standIn);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    const served = new Program('serve --json --no-schedules', {
      ...environmentOf(home),
      ...(withCatalog && { DRAWBRIDGE_PASSPHRASE: PASSPHRASE }),
    });
    try {
      const { url } = JSON.parse(await served.firstLine()) as { url: string };
      await page.goto(url);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await use(page);
    } finally {
      await page.close();
      await served.stop();
    }
    expect(faults, 'errors in the console, among them violations of the content security policy').toEqual([]);
  },
});

export async function addEnvironment(
  drawbridge: TestFixtures['drawbridge'],
  { name, apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl }: StandIn,
): Promise<void> {
  await drawbridge(
    `env add ${name} --stage ${name === 'prod' ? 'production' : 'development'} --api-url ${apiUrl} --auth-url ${authUrl} --gateway-url ${gatewayUrl} --client-id ${clientId} --client-secret-env SECRET --pg-url-env PG_URL`,
    { SECRET: clientSecret, PG_URL: pgUrl },
  );
}

export function environmentOf(home: string): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, LANG, LD_LIBRARY_PATH } = process.env;
  return {
    PATH,
    ...(TMPDIR && { TMPDIR }),
    ...(LANG && { LANG }),
    ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }),
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
  };
}
