import type { DesktopBridge } from '../../contract/desktop-bridge.ts';

/**
 * What the program around the page can do for it. The desktop's preload gives one; a browser has what browsers have.
 * Nothing of the engine goes this way: only what needs the operating system.
 */
export interface WindowHost {
  readonly kind: 'desktop' | 'loopback';
  /** Asks for a file to be read; undefined: none was chosen. */
  chooseFile(): Promise<ChosenFile | undefined>;
  /** Asks for a place to write to; undefined: none was chosen. */
  choosePlace(suggested: string): Promise<string | undefined>;
  chooseFolder(): Promise<string | undefined>;
  /** The path under which the engine reads a file that was dropped. */
  dropped(file: File): Promise<ChosenFile>;
  /** The name of a file of which a window handed over a copy: where that lies tells nobody anything. Undefined: no copy. */
  nameOfCopy(path: string): string | undefined;
  /** Shows a file in the system's file manager; undefined where there is none to ask. */
  readonly showInFolder: ((path: string) => void) | undefined;
  /** Tells of something while the window is not looked at; undefined where the program around the page does so by itself. */
  readonly notify: ((title: string, body: string) => void) | undefined;
  /** Hands over each connection to the engine, the first and every later one. */
  onConnection(connected: (connection: EngineConnection) => void, lost: () => void): void;
  /** Menu commands, by name. */
  onCommand(run: (command: string) => void): void;
}

export interface ChosenFile {
  readonly path: string;
  readonly name: string;
}

export type EngineConnection =
  | { readonly kind: 'port'; readonly port: MessagePort }
  | { readonly kind: 'socket'; readonly socket: WebSocket };

declare global {
  interface Window {
    readonly drawbridge?: DesktopBridge;
  }
}
