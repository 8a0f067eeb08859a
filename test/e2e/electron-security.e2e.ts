import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { projectFolder } from './program.ts';

test('a page is given nothing of Node.js, and the bridge alone', async ({ electron }) => {
  const { app, page } = await electron.start();
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    return (webContents as unknown as { getLastWebPreferences(): unknown }).getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
  });
  const page_ = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'electron'].filter(
      (name) => name in window,
    ),
    bridge: Object.keys((window as unknown as { drawbridge: object }).drawbridge).toSorted(),
  }));
  expect(page_).toEqual({
    node: [],
    bridge: [
      'chooseFile',
      'chooseFolder',
      'choosePlace',
      'onCommand',
      'onEngineLost',
      'pathOf',
      'requestPort',
      'showInFolder',
      'systemLocale',
    ],
  });
  // What stands on the bridge cannot be replaced by something in the page.
  const replaced = await page.evaluate(() => {
    const { drawbridge } = window as unknown as { drawbridge: Record<string, unknown> };
    try {
      drawbridge['chooseFile'] = () => 'mine';
    } catch {
      return false;
    }
    return String(drawbridge['chooseFile']).includes('mine');
  });
  expect(replaced).toBe(false);
});

test('a page goes nowhere else and opens nothing', async ({ electron }) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const before = page.url();
  const began = await page.evaluate(() => performance.timeOrigin);
  // All in one call: a way that was taken would end it, and one that begins and is stopped ends the next one.
  await page.evaluate(async () => {
    const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));
    for (const address of [
      'https://example.invalid/',
      'file:///etc/passwd',
      'drawbridge://other/',
      'drawbridge://window/icon.svg',
      'data:text/html,<p>elsewhere</p>',
    ]) {
      location.href = address;
      await settled();
      const link = document.body.appendChild(document.createElement('a'));
      link.href = address;
      link.click();
      link.remove();
      await settled();
    }
  });
  const opened = await page.evaluate(() =>
    ['https://example.invalid/', 'about:blank', location.href].map(
      (address) => window.open(address) === null,
    ),
  );
  expect(opened).toEqual([true, true, true]);
  // Not by a locator: those wait for the end of a way that was begun, and these come to none.
  const title = (): Promise<string | undefined> =>
    page.evaluate(() => document.querySelector('h1')?.textContent).catch(() => undefined);
  expect(await title()).toBeTruthy();
  expect(page.url()).toBe(before);
  const windows = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getURL()),
  );
  expect(windows).toEqual([before]);

  // The one way that cannot be stopped leads back at once.
  await page.evaluate(() => {
    setTimeout(() => {
      location.href = 'about:blank';
    });
  });
  await expect.poll(() => page.evaluate(() => performance.timeOrigin).catch(() => 0)).toBeGreaterThan(began);
  await expect.poll(title).toBeTruthy();
  expect(await page.evaluate(() => location.href)).toBe(before);
});

test('a page is denied every permission but writing to the clipboard', async ({ electron }) => {
  const { page } = await electron.start();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const answers = await page.evaluate(async () => {
    const why = (error: unknown): string => (error as Error).name;
    const states = async (name: string): Promise<string> =>
      (await navigator.permissions.query({ name: name as PermissionName })).state;
    return {
      position: await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          ({ code }) => resolve(code),
        ),
      ),
      notification: await Notification.requestPermission(),
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'granted', why),
      screen: await navigator.mediaDevices.getDisplayMedia().then(() => 'granted', why),
      clipboard: await navigator.clipboard.readText().then(() => 'granted', why),
      writing: await navigator.clipboard.writeText('a recovery key').then(() => 'granted', why),
      states: [await states('midi'), await states('camera'), await states('notifications')],
    };
  });
  expect(answers).toEqual({
    position: 1,
    notification: 'denied',
    // Without a camera it is not there before it is denied.
    camera: expect.stringMatching(/^Not(Allowed|Found)Error$/),
    screen: expect.stringMatching(/^(NotAllowed|NotSupported|InvalidState)Error$/),
    clipboard: 'NotAllowedError',
    writing: 'granted',
    states: ['denied', 'denied', 'denied'],
  });
});

test('a page runs no script but its own and speaks to nobody', async ({ electron }) => {
  const { page } = await electron.start();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const violations = await page.evaluate(async () => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      seen.push(effectiveDirective),
    );
    const add = (name: string, members: object): void =>
      document.body.append(Object.assign(document.createElement(name), members));
    add('script', { textContent: 'window.stolen = true' });
    add('script', { src: 'https://example.invalid/a.js' });
    add('iframe', { src: 'https://example.invalid/' });
    add('img', { src: 'https://example.invalid/a.png' });
    await fetch('https://example.invalid/').catch(() => undefined);
    // From a string, as injected code would; later, since what a debugger asks for is allowed to.
    const evaluated = await new Promise((resolve) =>
      setTimeout(() => {
        try {
          // oxlint-disable-next-line no-eval -- that it is refused is what is tested
          resolve((0, eval)('"ran"'));
        } catch {
          resolve('refused');
        }
      }, 0),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { seen: [...new Set(seen)].toSorted(), evaluated, stolen: 'stolen' in window };
  });
  expect(violations).toMatchObject({ evaluated: 'refused', stolen: false });
  for (const directive of ['connect-src', 'frame-src', 'img-src', 'script-src-elem'])
    expect(violations.seen).toContain(directive);
});

test('nothing but the page is served, wherever it is asked for', async ({ electron }) => {
  const { page } = await electron.start();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const answers = await page.evaluate(async () => {
    const asked = [
      '/package.json',
      '/../package.json',
      '/%2e%2e/%2e%2e/package.json',
      '//etc/passwd',
      '/assets',
    ];
    const statuses = [];
    for (const path of asked) statuses.push((await fetch(`drawbridge://window${path}`)).status);
    return { statuses, posted: (await fetch('/', { method: 'POST' })).status };
  });
  expect(answers).toEqual({ statuses: [404, 404, 404, 404, 404], posted: 404 });
});

test('a page saves nothing but what it made, has nothing started, and leaves nothing on the disk', async ({
  electron,
}) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await app.evaluate(({ BrowserWindow, shell }) => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const { session } = BrowserWindow.getAllWindows()[0]!.webContents;
    session.on('will-download', (event) => seen.push(event.defaultPrevented ? 'prevented' : 'saved'));
    shell.showItemInFolder = () => void seen.push('shown');
    shell.openPath = async () => `${seen.push('opened')}`;
    shell.openExternal = async () => void seen.push('opened');
  });
  await page.evaluate(() => {
    const link = document.body.appendChild(document.createElement('a'));
    Object.assign(link, { href: 'data:text/plain,foreign', download: 'foreign.txt' }).click();
    (window as unknown as { drawbridge: { showInFolder(path: string): void } }).drawbridge.showInFolder(
      '/bin/sh',
    );
  });
  const seen = (): Promise<string[]> =>
    app.evaluate(() => (globalThis as unknown as { seen: string[] }).seen.toSorted());
  await expect.poll(seen).toEqual(['prevented', 'shown']);
  const isKept = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.session.isPersistent(),
  );
  expect(isKept).toBe(false);
});

test('another page with the same preload is answered nothing', async ({ electron }) => {
  const { app, page } = await electron.start();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const answers = await app.evaluate(
    async ({ BrowserWindow, dialog }, preload) => {
      const asked: string[] = [];
      const ask = async (): Promise<never> => {
        asked.push('dialog');
        return { canceled: true, filePaths: [], filePath: '' } as never;
      };
      dialog.showOpenDialog = ask;
      dialog.showSaveDialog = ask;
      const [ours] = BrowserWindow.getAllWindows();
      const foreign = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await foreign.loadURL('data:text/html,<title>foreign</title>');
      const told = (await foreign.webContents.executeJavaScript(`(async () => {
      const said = (promise) => promise.then(() => 'answered', ({ message }) => message);
      let port = 'none';
      addEventListener('message', ({ ports }) => { port = ports.length ? 'given' : port; });
      drawbridge.requestPort();
      const calls = [
        await said(drawbridge.chooseFile()),
        await said(drawbridge.choosePlace('a')),
        await said(drawbridge.chooseFolder()),
      ];
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { calls, port };
    })()`)) as { calls: string[]; port: string };
      foreign.destroy();
      const own = await ours!.webContents.executeJavaScript(
        'drawbridge.chooseFolder().then(() => "answered")',
      );
      return { ...told, asked, own };
    },
    join(projectFolder, 'out/preload/index.cjs'),
  );
  expect(answers.port).toBe('none');
  for (const call of answers.calls)
    expect(call).toContain('Only the windows of Drawbridge may ask for this.');
  // The one dialog was our own page's.
  expect(answers).toMatchObject({ asked: ['dialog'], own: 'answered' });
});
