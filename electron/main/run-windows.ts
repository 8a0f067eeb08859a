import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, dialog, net, session as sessions } from 'electron';
import { titleInWindows } from '../../contract/job-title.ts';
import { visible } from '../../contract/visible.ts';
import { asAppError } from '../../contract/wire.ts';
import { answerPages, tellPage } from '../ipc.ts';
import type { Wanted } from './command-line.ts';
import { EngineKeeper } from './engine-keeper.ts';
import { comesFromPage, guardPage, guardSession } from './guard.ts';
import { endSentence, JobFollower } from './job-follower.ts';
import { showMenu, type MenuActions } from './menu.ts';
import { askForFile, pageAnswers, showNotification } from './page-answers.ts';
import { announceScheme, servePage } from './page-protocol.ts';
import { PLACES } from './places.ts';
import { Quitting } from './quitting.ts';
import { TrayIcon } from './tray.ts';
import { lookForUpdate, updateAddress, updateSentence, type UpdateNews } from './update-check.ts';
import { MainWindow } from './windows.ts';

/** How often it is looked whether a day is over since the last question for updates. Milliseconds. */
const HOUR = 60 * 60_000;

/** The desktop program: one process with one window, one engine beside it. */
export function runWindows(wanted: Extract<Wanted, { kind: 'windows' }>): void {
  // The first one gets the files of the second, and comes to the front.
  if (!app.requestSingleInstanceLock({ files: wanted.files, catalog: wanted.catalog })) {
    console.log('Drawbridge is running already: its window comes to the front.');
    app.exit(0);
    return;
  }
  announceScheme();
  // macOS tells of files before and after the start; the others give them as arguments.
  const early: string[] = [...wanted.files];
  let open = (file: string): void => void early.push(file);
  app.on('open-file', (event, file) => {
    event.preventDefault();
    open(file);
  });
  app.on('session-created', guardSession);
  app.on('web-contents-created', (_event, page) => guardPage(page));
  void startWhenReady();

  async function startWhenReady(): Promise<void> {
    await app.whenReady();
    try {
      open = start(wanted.catalog);
      for (const file of early) open(file);
    } catch (error) {
      const { message, remedy } = asAppError(error);
      console.error(error);
      dialog.showErrorBox('Drawbridge cannot start', `${message}\n${remedy}`);
      app.exit(1);
    }
  }
}

/** @returns opens a file in the window. @throws AppError FILE_FAILED when the page was not built */
function start(catalog: string | undefined): (file: string) => void {
  // Nothing of what the page shows is kept on the disk by Chromium.
  const session = sessions.fromPartition('drawbridge');
  servePage(session);

  const engine = new EngineKeeper(catalog === undefined ? [] : ['--catalog', catalog], {
    onReady: () => {
      givePort();
      void lookForNews();
    },
    onLost: () => window.page && tellPage.engineLost(window.page),
    onHopeless: (reason, retry) =>
      void askAgain(retry, {
        message: 'The engine of Drawbridge does not start.',
        detail: `${visible(reason)}\n\nNothing was changed. Jobs that ran are marked as interrupted, and can be resumed.`,
      }),
    onRunning: () => jobs.changed(),
    onWarning: (line) => console.error(line),
  });
  const quitting = new Quitting({ engine, window: () => window.window, hide: () => window.hide() });
  const window = new MainWindow({
    session,
    mayClose: () => quitting.mayCloseWindow(),
    onHopeless: (reason, retry) =>
      void askAgain(retry, {
        message: 'The window of Drawbridge cannot be drawn.',
        detail: `Its page ended three times within a minute (${reason}).\n\nNothing was changed by that, and jobs go on: the engine is another process.`,
      }),
  });
  const show = (): void => window.show();
  const goTo = (command: string): void => {
    show();
    window.command(command);
  };
  const openFile = (file: string): void => goTo(`open:${file}`);
  const tray = new TrayIcon({ show, showJobs: () => goTo('go:/jobs'), quit: () => app.quit() });
  const jobs = new JobFollower({
    client: () => engine.client,
    onRunning: (running) => tray.showJobs(running),
    onEnded: (job) => void notifyOfEnd(job),
    warn: (line) => console.error(line),
  });
  let news: UpdateNews = { kind: 'off' };
  const actions: MenuActions = {
    command: goTo,
    openFile: () => void chooseAndOpen(),
    about: () => void tellAbout(),
    quit: () => app.quit(),
  };

  answerPages(
    pageAnswers({
      window: () => window.window,
      givePort: () => {
        window.pageWantsPorts();
        givePort();
      },
      listens: () => window.pageListens(),
    }),
    comesFromPage,
  );
  showMenu(actions, updateSentence(news));
  engine.start();
  show();
  app.on('second-instance', (_event, _words, _folder, given) => {
    show();
    for (const file of filesOf(given)) openFile(file);
    const other = catalogOf(given);
    if (other !== undefined) void refuseOther(other);
  });
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  setInterval(() => void lookForNews(), HOUR).unref();
  return openFile;

  /** A line to the engine for the page, as soon as both are there. */
  function givePort(): void {
    window.givePort(() => engine.connect());
  }

  async function notifyOfEnd(job: Parameters<typeof endSentence>[0]): Promise<void> {
    if (window.isLookedAt) return;
    // An engine that has ended meanwhile tells nothing; neither do we.
    const preferences = await engine.client?.preferences.get().catch(() => undefined);
    if (preferences?.notifications)
      showNotification(visible(titleInWindows(job)), visible(endSentence(job)), () =>
        goTo(`go:/jobs/${job.id}`),
      );
  }

  /** A second start with another catalog: it has ended, and this one does not leave its own, in which jobs may run. */
  async function refuseOther(other: string): Promise<void> {
    // Another one than it was started with may have been chosen since, in the settings.
    const workspace = await engine.client?.workspace.get().catch(() => undefined);
    if (other === (workspace?.dir ?? catalog)) return;
    await dialog.showMessageBox({
      type: 'info',
      title: 'Drawbridge',
      message: 'Drawbridge is running already, with another catalog.',
      detail: `It was started once more with the catalog in ${visible(other)}. That one was not opened.\n\nChoose it under Settings, Catalog, or quit Drawbridge and start it again.`,
      buttons: ['Close'],
    });
  }

  async function chooseAndOpen(): Promise<void> {
    const file = await askForFile(window.window);
    if (file !== undefined) openFile(file);
  }

  async function askAgain(
    retry: () => void,
    { message, detail }: { message: string; detail: string },
  ): Promise<void> {
    const { response } = await dialog.showMessageBox({
      type: 'error',
      title: 'Drawbridge',
      message,
      detail,
      buttons: ['Try again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
      noLink: true,
    });
    if (response === 0) retry();
    else app.quit();
  }

  /** Asks, if that was turned on, at most once a day; says in the menu what is known. */
  async function lookForNews(): Promise<void> {
    const preferences = await engine.client?.preferences.get().catch(() => undefined);
    news = preferences?.updateCheck
      ? await lookForUpdate({
          address: updateAddress(process.env['DRAWBRIDGE_UPDATE_ADDRESS'] ?? givenAddress()),
          present: app.getVersion(),
          file: join(app.getPath('userData'), 'update-check.json'),
          fetch: (address, init) => net.fetch(address, init),
          now: Date.now(),
        })
      : { kind: 'off' };
    showMenu(actions, updateSentence(news));
  }

  async function tellAbout(): Promise<void> {
    await lookForNews();
    const page = news.kind === 'newer' && news.page !== undefined ? `\nIt is told of at ${news.page}` : '';
    await dialog.showMessageBox({
      type: 'info',
      title: 'About Drawbridge',
      message: `Drawbridge ${app.getVersion()}`,
      detail: `Backs up, compares, migrates and restores realms of OpenGate IAM.\nLicence: Apache-2.0\n\n${updateSentence(news)}.${page}\n\nElectron ${process.versions.electron}, Chromium ${process.versions.chrome}`,
      buttons: ['Close'],
    });
  }
}

function filesOf(given: unknown): string[] {
  const files = typeof given === 'object' && given !== null && 'files' in given ? given.files : undefined;
  return Array.isArray(files) ? files.filter((file): file is string => typeof file === 'string') : [];
}

function catalogOf(given: unknown): string | undefined {
  const catalog =
    typeof given === 'object' && given !== null && 'catalog' in given ? given.catalog : undefined;
  return typeof catalog === 'string' ? catalog : undefined;
}

/** The address that came with the program. */
function givenAddress(): string | undefined {
  try {
    const { address } = JSON.parse(readFileSync(PLACES.updateAddress, 'utf8')) as { address?: unknown };
    return typeof address === 'string' ? address : undefined;
  } catch {
    // None came with it.
    return undefined;
  }
}
