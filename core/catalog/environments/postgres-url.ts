import { z } from 'zod';
import { isMaskedName } from '../../model/secret-name.ts';

const PROTOCOL = /^postgres(ql)?$/;

/**
 * An address of PostgreSQL, as libpq has them. A password in it that was not percent-encoded ("pa/ss", "pa#ss") would end
 * up in the path, the query or the fragment, where nobody looks for a secret: such an address is refused.
 */
export const postgresUrl = z
  .url({ protocol: PROTOCOL, error: 'a postgres:// address' })
  .refine((text) => !URL.canParse(text) || !hasStrayParts(new URL(text)), {
    error:
      'an address whose password has its special characters percent-encoded (“@” as %40, “/” as %2F, “#” as %23)',
  })
  .refine((text) => !URL.canParse(text) || otherSecrets(new URL(text)).length === 0, {
    error: 'an address without secrets in its parameters other than “password”',
  });

export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

function hasStrayParts(url: URL): boolean {
  return url.hash !== '' || `${url.pathname}${url.search}`.includes('@') || !decodes(url.password);
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function otherSecrets(url: URL): string[] {
  return [...url.searchParams.keys()].filter((name) => name !== 'password' && isMaskedName(name));
}

/** Takes the password out: PostgreSQL takes one in the user part or as a parameter. */
export function takePassword(text: string): { url: string; password?: string } {
  const url = new URL(text);
  const password = decodeURIComponent(url.password) || url.searchParams.get('password');
  url.password = '';
  // Touching the parameters writes all of them anew, in another encoding than libpq reads.
  if (url.searchParams.has('password')) url.searchParams.delete('password');
  return { url: url.href, ...(password && { password }) };
}
