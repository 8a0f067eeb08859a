import { basename } from 'node:path';
import { dialog, Notification, shell, type BrowserWindow } from 'electron';
import type { Answers } from '../ipc.ts';

/** Of a path, in characters. What a page tells is not trusted to be short. */
const LONGEST = 4_096;

interface Around {
  readonly window: () => BrowserWindow | undefined;
  readonly givePort: () => void;
  readonly listens: () => void;
}

/** What the page may ask of the operating system, each argument looked at. */
export function pageAnswers({ window, givePort, listens }: Around): Answers {
  return {
    chooseFile: () => askForFile(window()),
    async choosePlace(_from, suggested) {
      const options = {
        title: 'Where to write it',
        // On Linux it asks only where it is told to: what it let be replaced is replaced without another question.
        properties: ['showOverwriteConfirmation' as const],
        ...(isText(suggested, LONGEST) && { defaultPath: suggested }),
      };
      const parent = window();
      const { filePath, canceled } = await (parent
        ? dialog.showSaveDialog(parent, options)
        : dialog.showSaveDialog(options));
      return canceled ? undefined : filePath;
    },
    async chooseFolder() {
      return await askToOpen(window(), {
        title: 'Choose a folder',
        properties: ['openDirectory', 'createDirectory'],
      });
    },
    showInFolder(_from, path) {
      // Shown, never opened: what a page names is not started.
      if (isText(path, LONGEST) && basename(path) !== '') shell.showItemInFolder(path);
    },
    requestPort: () => givePort(),
    listenForCommands: () => listens(),
  };
}

/** A file to be opened; undefined: none was chosen. */
export function askForFile(parent: BrowserWindow | undefined): Promise<string | undefined> {
  return askToOpen(parent, { title: 'Open a file', properties: ['openFile'] });
}

async function askToOpen(
  parent: BrowserWindow | undefined,
  options: Electron.OpenDialogOptions,
): Promise<string | undefined> {
  const { filePaths } = await (parent
    ? dialog.showOpenDialog(parent, options)
    : dialog.showOpenDialog(options));
  return filePaths[0];
}

/** Those that can still be clicked: one that nobody holds may be collected, and its click with it. */
const shown = new Set<Notification>();

export function showNotification(title: string, body: string, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  shown.add(notification);
  notification.on('click', () => {
    shown.delete(notification);
    onClick();
  });
  notification.on('close', () => shown.delete(notification));
  notification.on('failed', () => shown.delete(notification));
  notification.show();
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest;
}
