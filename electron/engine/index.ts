import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RPCHandler } from '@orpc/server/message-port';
import { errorView } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import { openApp, type App } from '../../core/app/index.ts';
import { systemKeychain } from '../../core/engine/index.ts';
import { catalogPlace, settingsPlace } from '../../cli/catalog-place.ts';
import { keysAtHand } from '../../cli/passphrase.ts';
import { version } from '../../cli/version.ts';
import { parentProcess } from './parent.ts';

/** How often it is looked which jobs run. Milliseconds. */
const LOOK_EVERY = 250;

const parent = parentProcess();
// A terminal, and a session that ends, tell everybody in it; the main process hears it too, and asks this one to close.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

try {
  serve(await open());
} catch (error) {
  parent.tell({ kind: 'failed', error: errorView(asAppError(error)) });
  process.exitCode = 1;
}

function open(): Promise<App> {
  const { env } = process;
  const { catalog } = parseArgs({ options: { catalog: { type: 'string' } } }).values;
  const warn = (line: string): void => parent.tell({ kind: 'warning', line });
  return openApp({
    about: {
      version: version(),
      host: 'desktop',
      platform: process.platform,
      node: process.versions.node,
      licence: 'Apache-2.0',
    },
    usualDir: catalogPlace(undefined, { ...env, DRAWBRIDGE_CATALOG: undefined }),
    dir: catalog ?? env['DRAWBRIDGE_CATALOG'],
    keychain: systemKeychain(),
    keys: keysAtHand({ surroundings: { env }, warn }),
    preferencesFile: join(settingsPlace(env), 'windows.json'),
    startStandIns: async (options) => {
      const { startSandbox } = await import('../../sandbox/index.ts');
      return startSandbox(options);
    },
    runSchedules: true,
    warn,
  });
}

function serve(app: App): void {
  const handler = new RPCHandler(app.router);
  parent.onPort((port) => handler.upgrade(port));
  let told = '';
  const looking = setInterval(() => {
    const jobs = app.runningJobs();
    // By their ids: one may end while the next begins.
    const names = jobs.join(' ');
    if (names !== told) parent.tell({ kind: 'running', jobs: jobs.length });
    told = names;
  }, LOOK_EVERY);
  let closing = false;
  parent.onClose(() => {
    if (closing) return;
    closing = true;
    clearInterval(looking);
    void end(app);
  });
  parent.tell({ kind: 'ready' });
}

/** Whatever runs is canceled and its end journalled; then the process ends, whatever lines are still open. */
async function end(app: App): Promise<void> {
  try {
    await app.close();
    process.exit(0);
  } catch (error) {
    const { message, remedy } = asAppError(error);
    console.error(`The catalog could not be closed as it should be. ${message} ${remedy}`);
    process.exit(1);
  }
}
