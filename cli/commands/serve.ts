import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { catalogPlace, settingsPlace } from '../catalog-place.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { keysAtHand } from '../passphrase.ts';
import { version } from '../version.ts';
import { wholeNumber } from './arguments.ts';
import { examples } from './examples.ts';

/** Of a dropped file, in messages and titles. Characters. */
const LONGEST_NAME = 200;

interface ServeFlags {
  readonly port?: number;
  readonly open?: boolean;
  readonly schedules: boolean;
  readonly page?: string;
}

export function registerServe(program: Command, host: Host): void {
  const serve = program
    .command('serve')
    .summary('the windows of Drawbridge, in a browser of this computer')
    .description(
      'Shows Drawbridge’s windows in a browser of this computer, and nowhere else: it listens on 127.0.0.1 only, and the link that it prints is good for one use. The catalog need not exist yet. Runs until Ctrl-C; jobs that run then are canceled, and can be resumed.',
    )
    .option('--port <n>', 'port of 127.0.0.1 (default: a free one)', wholeNumber(1, 65_535))
    .option('--open', 'open the link in the browser')
    .option('--no-schedules', 'do not run schedules while the catalog is open here')
    .addOption(new Option('--page <dir>', 'where the windows were built to').hideHelp())
    .action((flags: ServeFlags) => host.run(serve, (io) => runServe(io, serve, flags)));
  examples(serve, ['drawbridge serve --open', 'drawbridge serve --port 8711 --json']);
}

/** Runs until it is interrupted: that is how it is meant to end, so then the exit code is 0. */
async function runServe(io: Io, command: Command, flags: ServeFlags): Promise<ExitCode> {
  const { env } = io.surroundings;
  const { signal } = io.interruption;
  // Loaded when needed, as they bring a server and the engine along.
  const [{ openApp }, { systemKeychain }, { startLoopbackServer }, { openBrowser }, { whenParentIsGone }] =
    await Promise.all([
      import('../../core/app/index.ts'),
      import('../../core/engine/index.ts'),
      import('../serve/loopback-server.ts'),
      import('../serve/open-browser.ts'),
      import('../serve/parent.ts'),
    ]);
  const given = command.optsWithGlobals<GlobalOptions>().catalog ?? env['DRAWBRIDGE_CATALOG'];
  const droppedNames = new Map<string, string>();
  const app = await openApp({
    about: {
      version: version(),
      host: 'loopback',
      platform: process.platform,
      node: process.versions.node,
      licence: 'Apache-2.0',
    },
    usualDir: catalogPlace(undefined, { ...env, DRAWBRIDGE_CATALOG: undefined }),
    dir: given,
    keychain: systemKeychain(),
    keys: keysAtHand(io),
    nameOfFile: (path) => droppedNames.get(path),
    preferencesFile: join(settingsPlace(env), 'windows.json'),
    startStandIns: async (options) => {
      const { startSandbox } = await import('../../sandbox/index.ts');
      return startSandbox(options);
    },
    runSchedules: flags.schedules,
    warn: (line) => io.warn(line),
  });
  try {
    const server = await startLoopbackServer({
      router: app.router,
      pageFolder: flags.page ?? fileURLToPath(new URL('../../out/renderer', import.meta.url)),
      port: flags.port,
      onDropped: (path, name) => droppedNames.set(path, basename(name).slice(0, LONGEST_NAME)),
    });
    const stopLooking = whenParentIsGone(() => {
      io.warn('Whoever started this is gone. Stopping cleanly …');
      io.interruption.raise('SIGTERM');
    });
    const forgetFile: (() => void)[] = [];
    const offer = (): void => {
      const link = server.newLink();
      io.result({ url: link, port: server.port }, () => [
        `Drawbridge is at ${link}`,
        'The link is good for one use within ten minutes. Press Enter for another one, Ctrl-C to stop.',
      ]);
      if (flags.open)
        forgetFile.push(openBrowser(link, (reason) => io.warn(`${reason} Open the link yourself.`)));
    };
    try {
      offer();
      if (io.interactive) {
        const lines = createInterface({ input: io.surroundings.stdin });
        lines.on('line', offer);
        signal.addEventListener('abort', () => lines.close(), { once: true });
      }
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      stopLooking();
      for (const forget of forgetFile) forget();
      await server.close();
    }
  } finally {
    await app.close();
  }
  return EXIT.done;
}
