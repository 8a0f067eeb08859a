import { join } from 'node:path';
import { Menu, nativeImage, Tray } from 'electron';
import { visible } from '../../contract/visible.ts';
import { PLACES } from './places.ts';

export interface TrayActions {
  readonly show: () => void;
  readonly showJobs: () => void;
  readonly quit: () => void;
}

/** What of a running job is said there. */
export interface RunningJob {
  readonly id: string;
  readonly title: string;
}

/** The program's place beside the clock. Desktops without one do not show it, and nothing is lost by that. */
export class TrayIcon {
  readonly #tray: Tray;
  readonly #actions: TrayActions;

  constructor(actions: TrayActions) {
    const name = process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
    this.#tray = new Tray(nativeImage.createFromPath(join(PLACES.trayIcons, name)));
    this.#actions = actions;
    this.#tray.on('click', actions.show);
    this.showJobs([]);
  }

  showJobs(jobs: readonly RunningJob[]): void {
    const { show, showJobs, quit } = this.#actions;
    this.#tray.setToolTip(`Drawbridge: ${runningSentence(jobs.length)}`);
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Show Drawbridge', click: show },
        { type: 'separator' },
        { label: runningSentence(jobs.length), enabled: false },
        ...jobs.map(({ title }) => ({ label: oneLine(title), click: showJobs })),
        { type: 'separator' },
        { label: 'Quit', click: quit },
      ]),
    );
  }
}

export function runningSentence(jobs: number): string {
  return jobs === 0 ? 'no job is running' : jobs === 1 ? 'a job is running' : `${jobs} jobs are running`;
}

/** A title names realms: what is in it must neither draw a second line nor be taken for a mnemonic. */
function oneLine(title: string): string {
  const shown = visible(title);
  return (shown.length > 80 ? `${shown.slice(0, 79)}…` : shown).replaceAll('&', '&&');
}
