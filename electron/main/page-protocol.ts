import { protocol, type Session } from 'electron';
import { WindowPage } from '../../core/app/window-page.ts';
import { PLACES } from './places.ts';

const SCHEME = 'drawbridge';
const ORIGIN = `${SCHEME}://window`;
/** Where the page is. Nothing comes from a network, and nothing goes there. */
export const PAGE = `${ORIGIN}/`;

/** Before the program is ready: an origin of its own, which scripts, styles and fonts can be of. */
export function announceScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** @throws AppError FILE_FAILED when the page was not built */
export function servePage(session: Session): void {
  const page = new WindowPage(PLACES.page, '');
  session.protocol.handle(SCHEME, ({ url, method }) => {
    const { host, pathname } = new URL(url);
    const file = host === 'window' && method === 'GET' ? page.file(pathname) : undefined;
    return file
      ? new Response(file.body, { headers: { ...file.headers } })
      : new Response('There is nothing here.', { status: 404 });
  });
}

export function isPage(url: string): boolean {
  return url === PAGE || url.startsWith(`${PAGE}#`);
}
