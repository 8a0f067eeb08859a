import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';

/** The desktop programs whose windows are tried: there the program chooses files and places, not a browser. */
const programs = new WeakMap<Page, ElectronApplication>();

export function isWindowOf(app: ElectronApplication, page: Page): void {
  programs.set(page, app);
}

/** Answers the question for a file that this leads to. */
export async function choosingFile(page: Page, path: string, leadToIt: () => Promise<void>): Promise<void> {
  const app = programs.get(page);
  if (app) {
    await app.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
    }, path);
    await leadToIt();
    return;
  }
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), leadToIt()]);
  await chooser.setFiles(path);
}

/** The text of the file that the window saves after this. */
export async function savedText(page: Page, save: () => Promise<void>): Promise<string> {
  const app = programs.get(page);
  if (!app) {
    const [download] = await Promise.all([page.waitForEvent('download'), save()]);
    return await readFile(await download.path(), 'utf8');
  }
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-saved-'));
  try {
    const path = join(folder, 'saved');
    await app.evaluate(({ BrowserWindow }, path) => {
      const { session } = BrowserWindow.getAllWindows()[0]!.webContents;
      const saved = new Promise<string>((resolve) =>
        session.once('will-download', (_event, item) => {
          item.setSavePath(path);
          item.once('done', (_done, state) => resolve(state));
        }),
      );
      Object.assign(globalThis, { saved });
    }, path);
    await save();
    const state = await app.evaluate(() => (globalThis as unknown as { saved: Promise<string> }).saved);
    if (state !== 'completed') throw new Error(`The download is ${state}.`);
    return await readFile(path, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
