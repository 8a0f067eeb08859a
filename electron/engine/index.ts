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
import { parentProcess, type EnginePort } from './parent.ts';

/** How often it is looked whether jobs began or ended: a number is compared. Milliseconds. */
const LOOK_EVERY = 250;

const parent = parentProcess();
const early: EnginePort[] = [];
let take = (port: EnginePort): void => void early.push(port);
parent.onPort((port) => take(port));

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
  take = (port) => handler.upgrade(port);
  for (const port of early.splice(0)) take(port);
  let told = 0;
  const looking = setInterval(() => {
    const jobs = app.runningJobs();
    if (jobs !== told) parent.tell({ kind: 'running', jobs });
    told = jobs;
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
