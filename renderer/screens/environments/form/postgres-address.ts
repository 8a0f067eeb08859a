import type { PostgresForm } from './environment-form.ts';
import { parsedAddress } from '../parsed-address.ts';

type Parts = Pick<PostgresForm, 'host' | 'port' | 'user' | 'database'>;
type Named = Pick<PostgresForm, 'by' | 'address'> & Parts;

/** @throws URIError, TypeError for what is no address */
export function partsOf(address: string): Parts {
  const { hostname, port, username, pathname } = new URL(address);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
  };
}

/** The address of the server, in whichever way it is named. Parameters of an address stay when it is taken apart. */
export function addressOf(named: Named): string {
  if (named.by === 'address') return named.address.trim();
  const { host, port, user, database } = named;
  const name = host.trim().includes(':') ? `[${host.trim()}]` : host.trim();
  const login = user === '' ? '' : `${encodeURIComponent(user)}@`;
  return `postgres://${login}${name}${port === '' ? '' : `:${port}`}/${encodeURIComponent(database)}${parametersOf(named)}`;
}

/** "?sslmode=verify-full" of the address that was typed last; empty: none. */
export function parametersOf({ address }: Pick<Named, 'address'>): string {
  return isAddress(address) ? new URL(address.trim()).search : '';
}

/** The same server named the other way: nothing that was typed is lost. A password in an address goes to its own field. */
export function namedBy(form: PostgresForm, by: PostgresForm['by']): PostgresForm {
  if (by === form.by) return form;
  if (by === 'address')
    return { ...form, by, ...(form.host.trim() !== '' && { address: addressOf({ ...form, by: 'parts' }) }) };
  if (!isAddress(form.address)) return { ...form, by };
  const url = new URL(form.address.trim());
  const password = decodeURIComponent(url.password);
  url.password = '';
  return {
    ...form,
    by,
    ...partsOf(url.href),
    address: url.href,
    ...(password !== '' && { password }),
  };
}

/** Whether it is one that can be taken apart: what `partsOf` takes. */
export function isAddress(text: string): boolean {
  const url = /^postgres(ql)?:\/\//.test(text.trim()) ? parsedAddress(text.trim()) : undefined;
  if (!url) return false;
  try {
    const { username, password, pathname } = url;
    decodeURIComponent(`${username}${password}${pathname}`);
    return true;
  } catch {
    // A percent sign that stands for none: such an address is only shown as it is.
    return false;
  }
}
