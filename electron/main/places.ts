import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { app } from 'electron';

/** The folder that has `out` in it: the installed program's archive, or the checkout. */
const root = resolve(__dirname, '../..');

export const PLACES = {
  preload: join(root, 'out/preload/index.cjs'),
  page: join(root, 'out/renderer'),
  /** Plain files also in an installed program: they start programs and load machine code that lie beside them. */
  engine: join(unpacked(root), 'out/engine/engine.mjs'),
  commandLine: join(unpacked(root), 'out/engine/drawbridge.mjs'),
  /** The Node.js that `npm ci` has brought to a checkout. */
  ownNode: app.isPackaged
    ? undefined
    : join(root, 'node_modules/.bin', process.platform === 'win32' ? 'node.exe' : 'node'),
  trayIcons: join(root, 'resources/tray'),
  windowIcon: join(root, 'resources/icons/256x256.png'),
  /** Where the address is written that is asked for newer versions, by who distributes the program. */
  updateAddress: join(root, 'resources/update.json'),
};

function unpacked(folder: string): string {
  const beside = folder.replace(/\.asar$/, '.asar.unpacked');
  return existsSync(beside) ? beside : folder;
}

/** What the windows remember; never the catalog's folder, which may have the program's own name. */
export function useOwnFolder(): void {
  app.setName('Drawbridge');
  app.setPath('userData', join(app.getPath('appData'), 'drawbridge-desktop'));
}
