import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ElectronApplication } from '@playwright/test';
import { answerQuestions, questions } from './electron-questions.ts';
import { expect, PASSPHRASE, test } from './fixtures.ts';

function bounds(app: ElectronApplication): Promise<Electron.Rectangle> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds());
}

test('a second start is refused, and hands its file over to the first', async ({ electron, home }) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('navigation')).toBeVisible();
  const file = join(home, 'prod & staging.tar.zst.age');
  writeFileSync(file, 'age-encryption.org/v1\n');
  const { executablePath, args, env } = await electron.call([file]);
  const { stdout } = await promisify(execFile)(executablePath, args, { env });
  expect(stdout).toContain('Drawbridge is running already');
  await expect(page.getByRole('textbox', { name: 'Path' })).toHaveValue(file);
  await expect(page.getByRole('heading', { level: 1, name: /Migrate/ })).toBeVisible();
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);

  await answerQuestions(app, 0);
  const elsewhere = join(home, 'another catalog');
  // The one that is shown is no other, however it came to be shown.
  for (const catalog of [join(home, 'data/drawbridge'), elsewhere]) {
    const again = await electron.call(['--catalog', catalog]);
    await promisify(execFile)(again.executablePath, again.args, { env: again.env });
  }
  await expect.poll(() => questions(app)).toHaveLength(1);
  const [told] = await questions(app);
  expect(told!.message).toBe('Drawbridge is running already, with another catalog.');
  expect(told!.detail).toContain(elsewhere);
});

test('a page that dies is drawn anew, and one that dies at every drawing is asked for', async ({
  electron,
  home,
}) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('navigation')).toBeVisible();
  await answerQuestions(app, 0);
  const drawings = await app.evaluate(({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    const seen = { count: 0 };
    (globalThis as Record<string, unknown>)['drawings'] = seen;
    webContents.on('did-finish-load', () => {
      seen.count++;
      if (seen.count <= 3) webContents.forcefullyCrashRenderer();
    });
    webContents.forcefullyCrashRenderer();
    return seen.count;
  });
  expect(drawings).toBe(0);
  // Twice by itself, once more because that was answered with “Try again”, and then it lives.
  await expect
    .poll(() => app.evaluate(() => (globalThis as Record<string, unknown>)['drawings'] as { count: number }))
    .toEqual({ count: 4 });
  expect((await questions(app)).map(({ message }) => message)).toEqual([
    'The window of Drawbridge cannot be drawn.',
  ]);

  // A file that is opened while there is no page waits for the next one. (For Playwright, a page that died stays dead.)
  const inPage = <T>(code: string): Promise<T> =>
    app.evaluate(
      ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(code),
      code,
    );
  await expect.poll(() => inPage(`document.querySelector('nav') !== null`)).toBe(true);
  const file = join(home, 'opened-meanwhile.json');
  await app.evaluate(async ({ app, BrowserWindow }, file) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    webContents.once('render-process-gone', () =>
      app.emit('open-file', { preventDefault: () => undefined }, file),
    );
    const isDrawn = new Promise<void>((resolve) => webContents.once('did-finish-load', () => resolve()));
    webContents.forcefullyCrashRenderer();
    await isDrawn;
  }, file);
  await expect
    .poll(() => inPage(`[...document.querySelectorAll('input')].map(({ value }) => value)`))
    .toContain(file);
});

test('an archive that it is started with is opened in the window', async ({ electron, home }) => {
  const file = join(home, 'prod.tar.zst');
  writeFileSync(file, 'not one, but that is found later');
  const { page } = await electron.start([file]);
  await expect(page.getByRole('heading', { level: 1, name: /Migrate/ })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Path' })).toHaveValue(file);
});

// What becomes of a window whose screen is gone, or of one that is too large: electron/main/window-state.test.ts.
test('a window is where it was', async ({ electron }) => {
  const first = await electron.start();
  const place = { x: 130, y: 90, width: 1111, height: 777 };
  await first.app.evaluate(
    ({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0]!.setBounds(place),
    place,
  );
  await expect.poll(() => bounds(first.app)).toEqual(place);
  await first.app.close();

  const second = await electron.start();
  expect(await bounds(second.app)).toEqual(place);
});

test('every screen is in the menu, with its key', async ({ electron }) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('navigation')).toBeVisible();
  const entries = await page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('link')
    .evaluateAll((links) =>
      links.map((link, at) => ({
        id: `go:${(link.getAttribute('href') ?? '').replace('#', '')}`,
        label: link.textContent,
        accelerator: `CmdOrCtrl+${at + 1}`,
      })),
    );
  const items = await app.evaluate(({ Menu }) => {
    const all = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items ?? []);
    return all
      .filter(({ id }) => id?.startsWith('go:'))
      .map(({ id, label, accelerator }) => ({ id, label: label.replace('&&', '&'), accelerator }));
  });
  expect(items).toEqual(entries);
  for (const [id, name] of [
    ['go:/jobs', 'Jobs'],
    ['help', 'Help'],
    ['go:/', 'Home'],
  ] as const) {
    await choose(app, id);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  }
  await choose(app, 'palette');
  await expect(page.getByRole('textbox', { name: 'Go to a screen or an action' })).toBeVisible();
});

test('a file is opened from the menu, and about says which program this is', async ({ electron, home }) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('navigation')).toBeVisible();
  const file = join(home, 'realm.json');
  await app.evaluate(({ dialog }, file) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [file] });
    dialog.showMessageBox = async (...given: unknown[]) => {
      (globalThis as Record<string, unknown>)['about'] = given.at(-1);
      return { response: 0, checkboxChecked: false };
    };
  }, file);
  await choose(app, 'open-file');
  await expect(page.getByRole('textbox', { name: 'Path' })).toHaveValue(file);
  await choose(app, 'about');
  const about = (): Promise<{ message: string; detail: string }> =>
    app.evaluate(() => (globalThis as Record<string, unknown>)['about'] as never);
  await expect.poll(about).toMatchObject({ message: expect.stringMatching(/^Drawbridge \d+\.\d+\.\d+$/) });
  expect((await about()).detail).toContain('Not looking for newer versions (Settings).');
});

test.describe('with a locked catalog', () => {
  test.use({ atHand: false });
  test('a file that is opened waits until the window can take it', async ({ electron, home }) => {
    const file = join(home, 'prod.tar.zst');
    writeFileSync(file, 'not one');
    const { page } = await electron.start([file]);
    await expect(page.getByRole('heading', { level: 1, name: /locked/ })).toBeVisible();
    await page.getByLabel('Passphrase').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Open' }).click();
    await expect(page.getByRole('heading', { level: 1, name: /Migrate/ })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Path' })).toHaveValue(file);
  });
});

test('the same program is the command line, with its output and its exit codes', async ({ electron }) => {
  const run = async (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const { executablePath, args, env } = await electron.call(words);
    return promisify(execFile)(executablePath, args, { env }).then(
      (printed) => ({ code: 0, ...printed }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    );
  };
  expect(await run('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  const list = await run('--json', 'env', 'list');
  expect({ code: list.code, stdout: JSON.parse(list.stdout) as unknown }).toEqual({
    code: 0,
    stdout: { environments: [] },
  });
  const wrong = await run('snapshots');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('Unknown command');

  // Ctrl-C at a terminal is told to both of its processes: the first waits for what the other ends with.
  const { executablePath, args, env } = await electron.call(['serve', '--no-schedules', '--json']);
  const served = spawn(executablePath, args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const ended = once(served, 'exit');
  await once(served.stdout, 'data');
  process.kill(-served.pid!, 'SIGINT');
  expect(await ended).toEqual([0, null]);
});

async function choose(app: ElectronApplication, id: string): Promise<void> {
  await app.evaluate(({ Menu }, id) => Menu.getApplicationMenu()!.getMenuItemById(id)!.click(), id);
}

test.describe('on a system that speaks German', () => {
  test.use({ locale: 'de-DE' });

  test('its dates and numbers are known, whatever the menus speak', async ({ electron }) => {
    const { page } = await electron.start();
    expect(await page.evaluate('drawbridge.systemLocale')).toBe('de-DE');
    // What it looks like in windows: settings.e2e.ts.
    expect(await page.evaluate('navigator.language')).toBe('en-GB');
  });
});
