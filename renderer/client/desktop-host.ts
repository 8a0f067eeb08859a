import { PORT_MESSAGE, type DesktopBridge } from '../../contract/desktop-bridge.ts';
import { AppError } from '../../contract/errors.ts';
import type { ChosenFile, WindowHost } from './host.ts';

/** The window of the desktop program: what it cannot do itself goes through the preload. */
export function desktopHost(bridge: DesktopBridge): WindowHost {
  return {
    kind: 'desktop',
    async chooseFile() {
      const path = await bridge.chooseFile();
      return path === undefined ? undefined : chosen(path);
    },
    choosePlace: (suggested) => bridge.choosePlace(suggested),
    chooseFolder: () => bridge.chooseFolder(),
    async dropped(file) {
      const path = bridge.pathOf(file);
      // As a picture that is dragged out of a mail has none.
      if (path === '')
        throw new AppError('FILE_FAILED', `“${file.name}” is in no folder of this computer.`, {
          notChanged: 'Nothing was opened.',
          remedy: 'Save it first, then open it from there.',
        });
      return { path, name: file.name };
    },
    // Files are read where they are.
    nameOfCopy: () => undefined,
    showInFolder: (path) => bridge.showInFolder(path),
    notify: undefined,
    onConnection(connected, lost) {
      window.addEventListener('message', ({ data, ports, source }) => {
        if (source !== window || data !== PORT_MESSAGE) return;
        const [port] = ports;
        if (port) connected({ kind: 'port', port });
      });
      bridge.onEngineLost(lost);
      bridge.requestPort();
    },
    onCommand: (run) => bridge.onCommand(run),
  };
}

function chosen(path: string): ChosenFile {
  return { path, name: path.split(/[/\\]/).at(-1) ?? path };
}
