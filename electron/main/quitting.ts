import { app, dialog, type BrowserWindow, type MessageBoxOptions } from 'electron';
import type { EngineKeeper } from './engine-keeper.ts';
import { runningSentence } from './tray.ts';

/** How long the engine may take to journal the end of what ran before somebody is asked again. Milliseconds. */
const PATIENCE = 30_000;

interface QuittingOptions {
  readonly engine: EngineKeeper;
  readonly window: () => BrowserWindow | undefined;
  readonly hide: () => void;
}

/** The end of the program: never while a job runs without being asked, and never before its journal has the end of it. */
export class Quitting {
  readonly #options: QuittingOptions;
  #state: 'no' | 'asking' | 'closing' | 'closed' = 'no';

  constructor(options: QuittingOptions) {
    this.#options = options;
    app.on('before-quit', (event) => {
      if (this.#state === 'closed') return;
      event.preventDefault();
      if (this.#state === 'no') void this.#quit();
    });
    // The session ends, or somebody at a terminal has decided.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => void this.#close());
  }

  /** For a window that somebody closes. False: it stays until it is known whether a job runs, and then as was chosen. */
  mayCloseWindow(): boolean {
    if (this.#state === 'closing' || this.#state === 'closed') return true;
    // There the program outlives its window.
    if (process.platform === 'darwin') return true;
    if (this.#state === 'no') void this.#closeWindow();
    return false;
  }

  async #closeWindow(): Promise<void> {
    const answer = await this.#askIfRunning(
      ['Keep the window', 'Go on in the background', 'Cancel and quit'],
      {
        detail:
          'In the background it goes on to its end; start Drawbridge again to see the window. Canceled, it stops at its next batch and can be resumed.',
      },
    );
    if (answer === 0) return;
    this.#options.hide();
    if (answer !== 1) await this.#close();
  }

  async #quit(): Promise<void> {
    const answer = await this.#askIfRunning(['Keep running', 'Cancel and quit'], {
      detail:
        'Canceled, it stops at its next batch: what was written is in its journal, and it can be resumed.',
    });
    if (answer !== 0) await this.#close();
  }

  async #close(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    const ended = new AbortController();
    const gone = this.#options.engine.close().then(() => ended.abort());
    for (;;) {
      await Promise.race([gone, pause(PATIENCE)]);
      if (ended.signal.aborted) break;
      const answer = await this.#show({
        // Nobody has to answer what is settled.
        signal: ended.signal,
        message: 'Drawbridge is still ending a job.',
        detail:
          'A step of it has not come back yet. Quit now, and the job is marked as interrupted the next time; nothing in the catalog is damaged by that.',
        buttons: ['Wait', 'Quit now'],
      });
      if (answer === 1 && !ended.signal.aborted) {
        this.#options.engine.kill();
        break;
      }
    }
    this.#state = 'closed';
    app.quit();
  }

  /** @returns which button; undefined when nothing runs, and nobody was asked */
  async #askIfRunning(buttons: string[], { detail }: { detail: string }): Promise<number | undefined> {
    this.#state = 'asking';
    try {
      const jobs = await this.#options.engine.askRunningJobs();
      if (jobs === 0) return undefined;
      const sentence = runningSentence(jobs);
      const message = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
      return await this.#show({ message, detail, buttons });
    } finally {
      // A signal may have begun to close meanwhile.
      if (this.#state === 'asking') this.#state = 'no';
    }
  }

  /** The first button is the harmless one: Enter and Escape both mean it. */
  async #show(options: MessageBoxOptions & { buttons: string[] }): Promise<number> {
    const box: MessageBoxOptions = {
      type: 'question',
      title: 'Drawbridge',
      defaultId: 0,
      cancelId: 0,
      noLink: true,
      ...options,
    };
    const parent = this.#options.window();
    const { response } = await (parent?.isVisible()
      ? dialog.showMessageBox(parent, box)
      : dialog.showMessageBox(box));
    return response;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
