import { AppError } from '../../contract/errors.ts';
import { errorView } from '../../contract/job.ts';
import { browserStorage, DroppedNames } from './dropped-names.ts';
import type { ChosenFile, WindowHost } from './host.ts';

/** How long to wait before the socket is tried again. Milliseconds; the longest waits longest. */
const TRIES = [250, 500, 1_000, 2_000, 4_000];

/** A browser: files are handed over whole, and paths are typed, since the engine runs on the same computer. */
export function loopbackHost(): WindowHost {
  const copies = new DroppedNames(browserStorage());
  const upload = async (file: File): Promise<ChosenFile> => {
    const path = await handOver(file);
    copies.add(path, file.name);
    return { path, name: file.name };
  };
  return {
    kind: 'loopback',
    chooseFile: () =>
      new Promise((resolve, reject) => {
        const input = document.createElement('input');
        input.type = 'file';
        input.addEventListener('change', () => {
          const file = input.files?.[0];
          if (file) upload(file).then(resolve, reject);
          else resolve(undefined);
        });
        input.addEventListener('cancel', () => resolve(undefined));
        input.click();
      }),
    // A browser does not tell paths: the fields for them are typed into.
    choosePlace: async () => undefined,
    chooseFolder: async () => undefined,
    dropped: upload,
    nameOfCopy: (path) => copies.of(path),
    showInFolder: undefined,
    notify(title, body) {
      // A page behind another window is not hidden, and has no focus.
      if (!document.hasFocus() && 'Notification' in window && Notification.permission === 'granted')
        void new Notification(title, { body });
    },
    onConnection(connected, lost) {
      let tries = 0;
      const open = (): void => {
        const socket = new WebSocket(`ws://${location.host}/engine`);
        socket.addEventListener('open', () => {
          tries = 0;
          connected({ kind: 'socket', socket });
        });
        socket.addEventListener('close', () => {
          lost();
          setTimeout(open, TRIES[Math.min(tries++, TRIES.length - 1)]);
        });
      };
      open();
    },
    onCommand() {
      // A browser has its own menu.
    },
  };
}

/**
 * @returns where the copy lies
 * @throws AppError as the server says it; FILE_FAILED when it says nothing
 */
async function handOver(file: File): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(`/dropped?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file });
  } catch (error) {
    throw notHandedOver(`“${file.name}” could not be handed over to Drawbridge.`, error);
  }
  const body = await answer.text();
  if (!answer.ok) throw refused(file.name, body);
  return (JSON.parse(body) as { path: string }).path;
}

function refused(name: string, body: string): AppError {
  try {
    const { code, message, ...facts } = errorView.parse(JSON.parse(body));
    return new AppError(code, message, facts);
  } catch (error) {
    // It was refused at the door, which speaks in sentences.
    return notHandedOver(`“${name}” was not taken: ${body.trim()}`, error);
  }
}

function notHandedOver(message: string, cause: unknown): AppError {
  return new AppError('FILE_FAILED', message, {
    notChanged: 'Nothing of it was kept.',
    remedy:
      'See that the file can be read and that “drawbridge serve” runs, or type the file’s path instead.',
    cause,
  });
}
