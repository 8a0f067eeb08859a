import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How long a browser may take to read the file. Milliseconds. */
const PATIENCE = 60_000;

/**
 * Opens a link in the browser of this user, by way of a file that only this user can read: the arguments of a process can be
 * read by everybody on the computer, and the link is a key.
 *
 * @param failed told, as a sentence, when there is no browser to be opened
 * @returns removes the file
 */
export function openBrowser(link: string, failed: (reason: string) => void): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-open-'));
  const file = join(folder, 'open.html');
  writeFileSync(
    file,
    `<!doctype html><title>Drawbridge</title><meta http-equiv="refresh" content="0;url=${link}">`,
    {
      mode: 0o600,
    },
  );
  const cleanUp = (): void => {
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  };
  const timer = setTimeout(cleanUp, PATIENCE);
  timer.unref();
  const [command, args] = opener(pathToFileURL(file).href);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', (error) => failed(`No browser could be opened (${error.message}).`));
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) failed(`No browser could be opened (${command} ended with ${code}).`);
  });
  child.unref();
  return cleanUp;
}

function opener(url: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [url]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}
