import { app, Menu, type MenuItemConstructorOptions } from 'electron';

/** The rooms of the navigation, as renderer/shell/screens.tsx has them; a test holds the two against each other. */
const SCREENS = [
  ['/', 'Home'],
  ['/environments', 'Environments'],
  ['/snapshots', 'Snapshots'],
  ['/compare', 'Compare'],
  ['/migrate', 'Migrate && restore'],
  ['/jobs', 'Jobs'],
  ['/schedules', 'Schedules'],
  ['/settings', 'Settings'],
  ['/help', 'Help'],
] as const;

export interface MenuActions {
  /** By the page, wherever it is. */
  readonly command: (command: string) => void;
  readonly openFile: () => void;
  readonly about: () => void;
  readonly quit: () => void;
}

/** @param updates what is known of newer versions, as a sentence */
export function showMenu(actions: MenuActions, updates: string): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, updates)));
}

function menuTemplate(actions: MenuActions, updates: string): MenuItemConstructorOptions[] {
  const isMac = process.platform === 'darwin';
  const about: MenuItemConstructorOptions = {
    id: 'about',
    label: 'About Drawbridge',
    click: actions.about,
  };
  const quit: MenuItemConstructorOptions = {
    id: 'quit',
    label: isMac ? 'Quit Drawbridge' : 'Quit',
    accelerator: 'CmdOrCtrl+Q',
    click: actions.quit,
  };
  return [
    ...(isMac
      ? [
          {
            label: 'Drawbridge',
            submenu: [
              about,
              { type: 'separator' },
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              { type: 'separator' },
              quit,
            ],
          } satisfies MenuItemConstructorOptions,
        ]
      : []),
    {
      label: '&File',
      submenu: [
        { id: 'open-file', label: 'Open a file …', accelerator: 'CmdOrCtrl+O', click: actions.openFile },
        { type: 'separator' },
        { role: 'close', label: 'Close the window' },
        ...(isMac ? [] : [quit]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: [
        {
          id: 'palette',
          label: 'Go to …',
          accelerator: 'CmdOrCtrl+K',
          click: () => actions.command('palette'),
        },
        { type: 'separator' },
        ...SCREENS.map(([path, label], at): MenuItemConstructorOptions => ({
          id: `go:${path}`,
          label,
          accelerator: `CmdOrCtrl+${at + 1}`,
          click: () => actions.command(`go:${path}`),
        })),
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } satisfies MenuItemConstructorOptions]),
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      role: 'help',
      submenu: [
        { id: 'help', label: 'Help', accelerator: 'F1', click: () => actions.command('go:/help') },
        { id: 'updates', label: updates, enabled: false },
        ...(isMac ? [] : [about]),
      ],
    },
  ];
}
