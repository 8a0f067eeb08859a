import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect, type Browser, type ElectronApplication, type Page } from '@playwright/test';
import { Display, electronCall, startElectron } from './electron-app.ts';
import { isWindowOf } from './host-files.ts';
import { Program, projectFolder } from './program.ts';

export { expect } from '@playwright/test';

export const PASSPHRASE = 'gasket mauve pelican orbit thimble';

export interface E2eOptions {
  /** Which of the hosts shows the windows. */
  readonly window: 'loopback' | 'electron';
  /** A file that writes to the stand-ins names itself here, and has some of its own: others meet none of its traces. */
  readonly standInsOf: string;
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
  /** Whether the program that serves the windows knows the passphrase. Off: the catalog is locked at first. */
  readonly atHand: boolean;
  /** The stand-ins `dev` and `prod`, in the catalog as environments over both channels. Off: none. */
  readonly withEnvironments: boolean;
  /** What the program is started with, once the home is as the test wants it. */
  readonly prepared: NodeJS.ProcessEnv;
  /** The desktop program, for tests of the project `electron`; what was started is ended after the test. */
  readonly electron: Electron;
  /** The window, at its first screen. Fails the test when anything violates the policy or is thrown. */
  readonly drawn: Page;
}

interface Electron {
  start(words?: readonly string[]): Promise<{ readonly app: ElectronApplication; readonly page: Page }>;
  /** How it would be started. */
  call(words?: readonly string[]): Promise<ReturnType<typeof electronCall>>;
}

interface WorkerFixtures extends E2eOptions {
  /** Starts the stand-ins where that was not done yet: it takes some seconds. */
  readonly standIns: () => Promise<readonly StandIn[]>;
  /** A home folder with a catalog in it, with the stand-ins as environments or without. Made once, to be copied and not used. */
  readonly filledHome: (withEnvironments: boolean) => Promise<string>;
  /** A display for Electron's windows, once for each worker. */
  readonly display: () => Promise<Display>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  window: ['loopback', { option: true, scope: 'worker' }],
  standInsOf: ['everybody', { option: true, scope: 'worker' }],
  withCatalog: [true, { option: true }],
  atHand: [true, { option: true }],
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

  filledHome: [
    async ({ standIns }, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'drawbridge-e2e-filled-'));
      const homes = new Map<boolean, Promise<string>>();
      function filled(withEnvironments: boolean): Promise<string> {
        const home = homes.get(withEnvironments) ?? fill(withEnvironments);
        homes.set(withEnvironments, home);
        return home;
      }
      async function fill(withEnvironments: boolean): Promise<string> {
        const home = mkdtempSync(join(folder, 'home-'));
        const drawbridge = commandLineIn(home);
        if (!withEnvironments) await drawbridge('catalog init');
        else {
          await cp(await filled(false), home, { recursive: true });
          for (const standIn of await standIns()) await addEnvironment(drawbridge, standIn);
        }
        return home;
      }
      await use(filled);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],

  display: [
    async ({}, use) => {
      let display: Promise<Display> | undefined;
      await use(() => (display ??= Display.start()));
      await (await display)?.stop();
    },
    { scope: 'worker' },
  ],

  /** Electron brings its own. */
  browser: [
    async ({ playwright, window }, use) => {
      const launched = window === 'electron' ? undefined : await playwright.chromium.launch();
      await use(launched as Browser);
      await launched?.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'drawbridge-e2e-'));
    await use(home);
    await rm(home, { recursive: true, force: true });
  },

  drawbridge: async ({ home }, use) => {
    await use(commandLineIn(home));
  },

  prepared: async ({ home, filledHome, withCatalog, atHand, withEnvironments, locale }, use) => {
    if (withCatalog) await cp(await filledHome(withEnvironments), home, { recursive: true });
    await use({
      ...environmentOf(home),
      // The browser is told by Playwright; Electron asks its system.
      ...(locale && locale !== 'en-US' && { LC_ALL: `${locale.replace('-', '_')}.UTF-8` }),
      ...(withCatalog && atHand && { DRAWBRIDGE_PASSPHRASE: PASSPHRASE }),
    });
  },

  electron: async ({ prepared, display }, use) => {
    const running = new Set<ElectronApplication>();
    await use({
      call: async (words = []) => electronCall({ env: prepared, display: await display(), words }),
      start: async (words = []) => {
        const shown = await startElectron({ env: prepared, display: await display(), words });
        running.add(shown.app);
        shown.app.on('close', () => running.delete(shown.app));
        return shown;
      },
    });
    for (const app of running) await app.close();
  },

  drawn: async ({ window, browser, electron, prepared }, use) => {
    const faults: string[] = [];
    const watch = (page: Page): void => {
      page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
    };
    if (window === 'electron') {
      const { app, page } = await electron.start();
      isWindowOf(app, page);
      // From the page's beginning, which was before anybody could watch.
      watch(page);
      await page.reload();
      await app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().forEach((shown) => shown.setContentSize(1280, 800)),
      );
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await use(page);
    } else {
      // A context by name: axe opens a page of its own beside this one.
      const context = await browser.newContext();
      const page = await context.newPage();
      watch(page);
      const served = new Program('serve --json --no-schedules', prepared);
      try {
        const { url } = JSON.parse(await served.firstLine()) as { url: string };
        await page.goto(url);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await use(page);
      } finally {
        await context.close();
        await served.stop();
      }
    }
    expect(faults, 'errors in the console, among them violations of the content security policy').toEqual([]);
  },
});

function commandLineIn(home: string): TestFixtures['drawbridge'] {
  return async (line, env = {}) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(projectFolder, 'cli/drawbridge.mjs'), ...line.split(' ')],
      { env: { ...environmentOf(home), DRAWBRIDGE_PASSPHRASE: PASSPHRASE, ...env }, maxBuffer: 64e6 },
    );
    return stdout;
  };
}

async function addEnvironment(
  drawbridge: TestFixtures['drawbridge'],
  { name, apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl }: StandIn,
): Promise<void> {
  await drawbridge(
    `env add ${name} --stage ${name === 'prod' ? 'production' : 'development'} --api-url ${apiUrl} --auth-url ${authUrl} --gateway-url ${gatewayUrl} --client-id ${clientId} --client-secret-env SECRET --pg-url-env PG_URL`,
    { SECRET: clientSecret, PG_URL: pgUrl },
  );
}

export function environmentOf(home: string): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, LANG, LD_LIBRARY_PATH, NODE_COMPILE_CACHE } = process.env;
  return {
    PATH,
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    TZ: 'UTC',
    ...(TMPDIR && { TMPDIR }),
    ...(LANG && { LANG }),
    ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }),
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
  };
}
