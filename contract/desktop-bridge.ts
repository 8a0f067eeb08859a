/** What the desktop program's preload puts into the page as `window.drawbridge`; nothing of the engine goes this way. */
export interface DesktopBridge {
  /** How the system's settings want dates and numbers, as a BCP 47 tag; it may be another one than the language of its menus. */
  readonly systemLocale: string | undefined;
  chooseFile(): Promise<string | undefined>;
  choosePlace(suggested: string): Promise<string | undefined>;
  chooseFolder(): Promise<string | undefined>;
  /** Where a file lies that was dropped into the page; empty where it lies nowhere. */
  pathOf(file: File): string;
  showInFolder(path: string): void;
  /** Menu commands and opened files, by name; the latest listener has them. What came before it is kept for it. */
  onCommand(run: (command: string) => void): void;
  onEngineLost(run: () => void): void;
  /** Asks for a port to the engine; it arrives as a message to the window. */
  requestPort(): void;
}

/** The message with which the page gets a port to the engine. */
export const PORT_MESSAGE = 'drawbridge:port';
