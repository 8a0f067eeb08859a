import chromium from '@sparticuz/chromium';

/** How the real Chromium is launched that comes inside an npm package. */
export async function chromiumLaunch(): Promise<{ executablePath: string; args: string[] }> {
  return {
    executablePath: await chromium.executablePath(),
    // In one process, the whole browser ends when the page of a test does; and web pages are kept apart as they are for people.
    args: chromium.args.filter((arg) => arg !== '--single-process' && arg !== '--disable-web-security'),
  };
}
