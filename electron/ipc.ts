import {
  ipcMain,
  ipcRenderer,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type IpcRendererEvent,
  type MessagePortMain,
  type WebContents,
} from 'electron';
import type { DesktopBridge } from '../contract/desktop-bridge.ts';

// Everything that goes between a window and the main process, by name and type. No other file has `ipcMain` or
// `ipcRenderer` (a lint rule keeps it so): no call is answered without its sender being looked at.

type Called = Pick<DesktopBridge, 'chooseFile' | 'choosePlace' | 'chooseFolder'>;
type Told = Pick<DesktopBridge, 'showInFolder' | 'requestPort'> & {
  /** The page takes commands from now on. */
  listenForCommands(): void;
};

/** What the main process does about each. Arguments come from a page: they are unknown until they were looked at. */
export type Answers = {
  readonly [K in keyof Called]: (from: WebContents, argument: unknown) => ReturnType<Called[K]>;
} & {
  readonly [K in keyof Told]: (from: WebContents, ...given: unknown[]) => void;
};

const CALLED: readonly (keyof Called)[] = ['chooseFile', 'choosePlace', 'chooseFolder'];
const TOLD: readonly (keyof Told)[] = ['showInFolder', 'requestPort', 'listenForCommands'];

const COMMAND = 'drawbridge:command';
const ENGINE_LOST = 'drawbridge:engine-lost';
const ENGINE_PORT = 'drawbridge:engine-port';
const LOCALE = '--drawbridge-locale=';

/**
 * In the main process: answers the pages.
 *
 * @param isOurs whether a message comes from the page of one of our windows; others are refused
 */
export function answerPages(
  answers: Answers,
  isOurs: (event: IpcMainEvent | IpcMainInvokeEvent) => boolean,
): void {
  for (const name of CALLED)
    ipcMain.handle(channel(name), (event, argument: unknown) => {
      if (!isOurs(event)) throw new Error('Only the windows of Drawbridge may ask for this.');
      return answers[name](event.sender, argument);
    });
  for (const name of TOLD)
    ipcMain.on(channel(name), (event, ...given: unknown[]) => {
      if (isOurs(event)) answers[name](event.sender, ...given);
    });
}

/** In the main process: what a page is told. */
export const tellPage = {
  command: (page: WebContents, command: string): void => page.send(COMMAND, command),
  engineLost: (page: WebContents): void => page.send(ENGINE_LOST),
  port: (page: WebContents, port: MessagePortMain): void => page.postMessage(ENGINE_PORT, null, [port]),
};

/** In the main process: what a page's process is started with. Only there can the system be asked. @param locale a BCP 47 tag */
export function pageArguments(locale: string): string[] {
  return [LOCALE + locale];
}

/** In the preload: the way to the main process. */
export const toMain = {
  chooseFile: () => ipcRenderer.invoke(channel('chooseFile')),
  choosePlace: (suggested) => ipcRenderer.invoke(channel('choosePlace'), suggested),
  chooseFolder: () => ipcRenderer.invoke(channel('chooseFolder')),
  showInFolder: (path) => ipcRenderer.send(channel('showInFolder'), path),
  requestPort: () => ipcRenderer.send(channel('requestPort')),
  listenForCommands: () => ipcRenderer.send(channel('listenForCommands')),
} satisfies Called & Told;

/** In the preload: what the main process tells. */
export const fromMain = {
  systemLocale: (): string | undefined =>
    process.argv.find((word) => word.startsWith(LOCALE))?.slice(LOCALE.length),
  onCommand: (run: (command: string) => void): void =>
    void ipcRenderer.on(COMMAND, (_event, command: string) => run(command)),
  onEngineLost: (run: () => void): void => void ipcRenderer.on(ENGINE_LOST, () => run()),
  onPort: (run: (port: IpcRendererEvent['ports'][number]) => void): void =>
    void ipcRenderer.on(ENGINE_PORT, ({ ports: [port] }) => port && run(port)),
};

function channel(name: keyof Called | keyof Told): string {
  return `drawbridge:${name}`;
}
