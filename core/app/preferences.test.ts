import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Preferences } from './preferences.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-preferences-'));
  file = join(folder, 'config', 'windows.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('are the usual ones until somebody changes them, and are kept for this user only', () => {
  const preferences = new Preferences(file);
  expect(preferences.view).toEqual({ theme: 'system', updateCheck: false, notifications: true, drafts: {} });
  preferences.change({ theme: 'dark' });
  preferences.chooseCatalog('/srv/catalog');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = new Preferences(file);
  expect([again.view.theme, again.catalog]).toEqual(['dark', '/srv/catalog']);
});

it('keep drafts by name, forget those that are null, and refuse what is too large as a whole', () => {
  const preferences = new Preferences(file);
  preferences.change({ drafts: { wizard: { step: 2 }, other: {} } });
  preferences.change({ drafts: { other: null } });
  expect(new Preferences(file).view.drafts).toEqual({ wizard: { step: 2 } });
  expect(() =>
    preferences.change({ theme: 'light', drafts: { huge: { text: 'x'.repeat(300_000) } } }),
  ).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  expect(preferences.view).toMatchObject({ theme: 'system', drafts: { wizard: { step: 2 } } });
  preferences.change({ drafts: JSON.parse('{"__proto__":{"polluted":true}}') as never });
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

it('of two programs do not undo each other', () => {
  const [desktop, browser] = [new Preferences(file), new Preferences(file)];
  const dev = { name: 'practice-dev', apiUrl: 'http://127.0.0.1:1', pid: 1 };
  const prod = { name: 'practice-prod', apiUrl: 'http://127.0.0.1:2', pid: 2 };
  desktop.chooseCatalog('/srv/catalog');
  desktop.rememberStandIns((now) => [...now, dev]);
  desktop.change({ drafts: { wizard: { step: 2 } } });
  browser.change({ theme: 'dark', drafts: { compare: { left: 'a' } } });
  browser.rememberStandIns((now) => [...now, prod]);
  expect(desktop.standIns).toEqual([dev, prod]);
  desktop.change({ notifications: false });
  const again = new Preferences(file);
  expect([again.catalog, again.standIns]).toEqual(['/srv/catalog', [dev, prod]]);
  expect(again.view).toMatchObject({
    theme: 'dark',
    notifications: false,
    drafts: { wizard: { step: 2 }, compare: { left: 'a' } },
  });
  expect(readdirSync(join(folder, 'config'))).toEqual(['windows.json']);
});

it('begin anew where the file is damaged, but keep each member that is whole', () => {
  new Preferences(file).chooseCatalog('/srv/catalog');
  const kept = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...kept, theme: 'purple', updateCheck: true, ofANewerOne: 1 }));
  const preferences = new Preferences(file);
  expect(preferences.view).toMatchObject({ theme: 'system', updateCheck: true });
  expect(preferences.catalog).toBe('/srv/catalog');
  for (const text of ['', '{', 'null', '[]', '"text"']) {
    writeFileSync(file, text);
    expect(new Preferences(file).view.theme).toBe('system');
  }
});

it('say so where the file cannot be read or written', () => {
  const preferences = new Preferences(join(folder, 'config'));
  writeFileSync(join(folder, 'blocked'), '');
  expect(() => new Preferences(join(folder, 'blocked', 'windows.json'))).toThrow(
    expect.objectContaining({ code: 'FILE_FAILED' }) as Error,
  );
  expect(preferences.view.theme).toBe('system');
});
