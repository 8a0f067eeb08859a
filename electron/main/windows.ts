import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  nativeTheme,
  screen,
  type MessagePortMain,
  type Session,
  type WebContents,
} from 'electron';
import { pageArguments, tellPage } from '../ipc.ts';
import { isPage, PAGE } from './page-protocol.ts';
import { PLACES } from './places.ts';
import { fitted, readWindowState, SMALLEST, writeWindowState } from './window-state.ts';

/** As renderer/design/base.css has `--surface-sunken`: what is seen before the page is drawn. */
const SURFACE = { light: '#f3f5f6', dark: '#141b22' };

interface WindowOptions {
  readonly session: Session;
  /** Asked when somebody closes it; false: it stays. */
  readonly mayClose: () => boolean;
  /** The page died several times in a row, and is not drawn again before `retry`. */
  readonly onHopeless: (reason: string, retry: () => void) => void;
}

/** A page that dies so often within a minute would do so for ever. */
const DEATHS = 3;
const MINUTE = 60_000;

/** The one window of the program, and what is to be told to the page in it. */
export class MainWindow {
  readonly #options: WindowOptions;
  readonly #stateFile = join(app.getPath('userData'), 'window-state.json');
  #window: BrowserWindow | undefined;
  #wasDrawn = false;
  /** The page takes commands; until then they wait. */
  #listens = false;
  /** The page takes ports: one that came before its script would be lost. */
  #wantsPorts = false;
  #waiting: string[] = [];
  /** When its page died, of late. Milliseconds. */
  #deaths: number[] = [];

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  get window(): BrowserWindow | undefined {
    return this.#window;
  }

  get page(): WebContents | undefined {
    return this.#window?.webContents;
  }

  /** Whether somebody can see what is told in it. */
  get isLookedAt(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  /** To the front, made anew if it was closed. */
  show(): void {
    const window = (this.#window ??= this.#open());
    if (window.isMinimized()) window.restore();
    // One that was just made shows itself, once it is drawn.
    if (this.#wasDrawn) window.show();
    window.focus();
  }

  hide(): void {
    this.#window?.hide();
  }

  /** Has the page do something, now or as soon as it can. */
  command(command: string): void {
    if (this.#window && this.#listens) tellPage.command(this.#window.webContents, command);
    else this.#waiting.push(command);
  }

  pageListens(): void {
    this.#listens = true;
    for (const command of this.#waiting.splice(0)) this.command(command);
  }

  pageWantsPorts(): void {
    this.#wantsPorts = true;
  }

  /** @param connect undefined: there is no engine at the moment */
  givePort(connect: () => MessagePortMain | undefined): void {
    const port = this.#window && this.#wantsPorts ? connect() : undefined;
    if (this.#window && port) tellPage.port(this.#window.webContents, port);
  }

  #open(): BrowserWindow {
    const state = fitted(
      readWindowState(this.#stateFile),
      [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea),
    );
    const { maximized, ...bounds } = state;
    const window = new BrowserWindow({
      ...bounds,
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      show: false,
      title: 'Drawbridge',
      backgroundColor: nativeTheme.shouldUseDarkColors ? SURFACE.dark : SURFACE.light,
      icon: PLACES.windowIcon,
      webPreferences: {
        preload: PLACES.preload,
        session: this.#options.session,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        webSecurity: true,
        navigateOnDragDrop: false,
        spellcheck: false,
        additionalArguments: pageArguments(app.getSystemLocale()),
        devTools: !app.isPackaged,
      },
    });
    if (maximized) window.maximize();
    window.once('ready-to-show', () => {
      this.#wasDrawn = true;
      window.show();
    });
    window.webContents.on('did-navigate', (_event, url) => {
      this.#forgetPage();
      // Electron asks nobody before a page goes to about:blank. Nothing is there, and nothing is answered to it.
      if (!isPage(url)) draw(window);
    });
    // The engine is another process, and what was begun is kept there: a new page goes on with it.
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      // What it is told from here on waits for the next page.
      this.#forgetPage();
      if (reason !== 'clean-exit') this.#drawAgain(window, reason);
    });
    window.on('close', (event) => {
      this.#keepState(window);
      if (!this.#options.mayClose()) event.preventDefault();
    });
    window.on('closed', () => {
      this.#window = undefined;
      this.#wasDrawn = false;
      this.#forgetPage();
    });
    draw(window);
    return window;
  }

  #drawAgain(window: BrowserWindow, reason: string): void {
    this.#deaths = [...this.#deaths.filter((at) => at > Date.now() - MINUTE), Date.now()];
    if (this.#deaths.length < DEATHS) return draw(window);
    this.#deaths = [];
    this.#options.onHopeless(reason, () => draw(window));
  }

  #forgetPage(): void {
    this.#listens = false;
    this.#wantsPorts = false;
  }

  #keepState(window: BrowserWindow): void {
    try {
      writeWindowState(this.#stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() });
    } catch (error) {
      console.error(`Where the window is could not be kept: ${String(error)}`);
    }
  }
}

function draw(window: BrowserWindow): void {
  if (window.isDestroyed()) return;
  // A page that dies, or is led elsewhere, before it is drawn has its own event.
  window.loadURL(PAGE).catch((error: unknown) => console.error(`The page was not drawn: ${String(error)}`));
}
