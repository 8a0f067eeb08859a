import { AppError } from '../../contract/errors.ts';

/**
 * Refuses an address that was typed without its scheme, and proposes it whole. Nothing is guessed and tried: with `http://`
 * the client's secret would go in clear to whatever host that is. Any other text is the engine's to judge.
 *
 * @param flag the one that it was given with
 * @throws AppError USAGE
 */
export function requireScheme(flag: string, text: string): void {
  const host = hostOf(text);
  if (host === undefined) return;
  const local = isThisMachine(host);
  throw new AppError(
    'USAGE',
    `The address given with ${flag} does not say whether it is http:// or https://: ${text}`,
    {
      notChanged: 'No environment was added or changed.',
      remedy: local
        ? `On this computer most likely ${flag} http://${text}; where the server has a certificate, https://${text}.`
        : `Give ${flag} https://${text}. Only where that server speaks no TLS, http://${text}: then the client’s secret and all tokens are sent unencrypted.`,
    },
  );
}

/** Of "host", "host:port" and what may follow; undefined of all else. What has an @ may hold a password, and is not repeated. */
function hostOf(text: string): string | undefined {
  if (/[\s@\\]|:\/|^https?:?$/i.test(text) || !/^[a-z\d[]/i.test(text)) return undefined;
  const url = `http://${text}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function isThisMachine(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);
}
