import type { IpcMainEvent, IpcMainInvokeEvent, Session, WebContents } from 'electron';
import { isPage, PAGE } from './page-protocol.ts';

/** Writing to the clipboard, after a click: a recovery key is copied so. Everything else is denied. */
const GRANTED = new Set(['clipboard-sanitized-write']);

/** What no page may do, whatever is in it. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_page, permission, answer) => answer(GRANTED.has(permission)));
  session.setPermissionCheckHandler((_page, permission) => GRANTED.has(permission));
  session.setDevicePermissionHandler(() => false);
  // A file that the page itself made, such as a recovery key, is saved where somebody says; nothing else is.
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${PAGE}`)) event.preventDefault();
  });
}

/** For every page that there is, those included that nobody meant to open. */
export function guardPage(page: WebContents): void {
  page.setWindowOpenHandler(() => ({ action: 'deny' }));
  page.on('will-navigate', (event, url) => {
    if (!isPage(url)) event.preventDefault();
  });
  page.on('will-frame-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  page.on('will-redirect', (event) => event.preventDefault());
  page.on('will-attach-webview', (event) => event.preventDefault());
}

/** Whether a message comes from our page itself: not from a frame in it, not from a page that took its place. */
export function comesFromPage({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  // A frame that is gone has no address any more.
  return senderFrame !== null && senderFrame === sender.mainFrame && isPage(senderFrame.url);
}
