import { contextBridge, webUtils } from 'electron';
import { PORT_MESSAGE, type DesktopBridge } from '../../contract/desktop-bridge.ts';
import { fromMain, toMain } from '../ipc.ts';

// Electron gives every preload what the program was started with, a passphrase among it: nothing of it is the page's.
for (const name of Object.keys(process.env)) delete process.env[name];

let runCommand: ((command: string) => void) | undefined;
fromMain.onCommand((command) => runCommand?.(command));

// A port cannot go over the context bridge: it goes as a message to the page's own window, and to no other origin.
fromMain.onPort((port) => window.postMessage(PORT_MESSAGE, window.location.origin, [port]));

const bridge: DesktopBridge = {
  systemLocale: fromMain.systemLocale(),
  chooseFile: toMain.chooseFile,
  choosePlace: toMain.choosePlace,
  chooseFolder: toMain.chooseFolder,
  pathOf,
  showInFolder: toMain.showInFolder,
  onCommand(run) {
    runCommand = run;
    toMain.listenForCommands();
  },
  onEngineLost: fromMain.onEngineLost,
  requestPort: toMain.requestPort,
};
contextBridge.exposeInMainWorld('drawbridge', bridge);

/** Electron before 29 has no `webUtils`, and the path with the file. */
function pathOf(file: File & { readonly path?: string }): string {
  const utilities: typeof webUtils | undefined = webUtils;
  return utilities?.getPathForFile(file) ?? file.path ?? '';
}
