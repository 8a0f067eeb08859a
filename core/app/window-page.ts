import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { AppError } from '../../contract/errors.ts';

/** A file of the windows' page, as it is served. */
export interface PageFile {
  readonly body: Buffer | string;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** What the page of the windows is made of: read once, so that no path that is asked for ever reaches a disk. */
export class WindowPage {
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #html: string;
  readonly #connect: string;

  /**
   * @param folder where the renderer was built to
   * @param connect what the page may connect to besides where it came from, as the CSP has it
   * @throws AppError FILE_FAILED when it was not built
   */
  constructor(folder: string, connect: string) {
    const files = new Map<string, PageFile>();
    let html: string;
    try {
      html = readFileSync(join(folder, 'index.html'), 'utf8');
      for (const path of filesIn(folder)) {
        const type = TYPES[extname(path)];
        if (type === undefined || path === join(folder, 'index.html')) continue;
        const name = `/${relative(folder, path).split(sep).join('/')}`;
        files.set(name, {
          body: readFileSync(path),
          headers: {
            ...ALWAYS,
            'content-type': type,
            'cache-control': 'public, max-age=31536000, immutable',
          },
        });
      }
    } catch (error) {
      throw new AppError('FILE_FAILED', `The windows of Drawbridge are not built in ${folder}.`, {
        notChanged: 'Nothing was started.',
        remedy: 'In a checkout run “npm run build”. If this is an installed program, install it again.',
        cause: error,
      });
    }
    this.#files = files;
    this.#html = html;
    this.#connect = connect;
  }

  /** @param path as asked for, without a query. Undefined: there is nothing of that name. */
  file(path: string): PageFile | undefined {
    return path === '/' ? this.#page() : this.#files.get(path);
  }

  /** Each load with a nonce of its own. */
  #page(): PageFile {
    const nonce = randomBytes(16).toString('base64');
    return {
      body: this.#html.replaceAll('__NONCE__', nonce),
      headers: {
        ...ALWAYS,
        'content-type': TYPES['.html']!,
        'cache-control': 'no-store',
        'content-security-policy': contentSecurityPolicy(nonce, this.#connect),
      },
    };
  }
}

/** The desktop program's tests run this in a Node.js whose `readdir` does not go into folders by itself. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=()',
};

/** Nothing but what came with the page. Style sheets that the components add bear the nonce. */
function contentSecurityPolicy(nonce: string, connect: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${connect}`.trimEnd(),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
