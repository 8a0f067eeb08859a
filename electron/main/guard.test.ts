import type { IpcMainEvent } from 'electron';
import { expect, it, vi } from 'vitest';

// Electron cannot be had here. That real pages and windows are refused: test/e2e/electron-security.e2e.ts.
vi.mock('electron', () => ({ app: { isPackaged: true }, protocol: {} }));
const { comesFromPage } = await import('./guard.ts');

/** A message from a frame at this address, in a page whose own frame it is or is not. */
function message(url: string, isMain = true): IpcMainEvent {
  const senderFrame = { url };
  const sender = { mainFrame: isMain ? senderFrame : { url: 'drawbridge://window/' } };
  return { sender, senderFrame } as unknown as IpcMainEvent;
}

it.each(['drawbridge://window/', 'drawbridge://window/#/jobs/12ab?of=acme'])(
  'our page is answered at %s',
  (url) => {
    expect(comesFromPage(message(url))).toBe(true);
  },
);

it.each([
  'drawbridge://window/icon.svg',
  'drawbridge://window',
  'drawbridge://window.example/',
  'drawbridge://other/',
  'https://window/',
  'https://example.invalid/#drawbridge://window/',
  'file:///drawbridge://window/',
  'about:blank',
  '',
])('what stands at %s is not', (url) => {
  expect(comesFromPage(message(url))).toBe(false);
});

it('neither is a frame in our page, whatever its address, nor one that is gone', () => {
  expect(comesFromPage(message('drawbridge://window/', false))).toBe(false);
  const gone = { sender: { mainFrame: null }, senderFrame: null } as unknown as IpcMainEvent;
  expect(comesFromPage(gone)).toBe(false);
});
