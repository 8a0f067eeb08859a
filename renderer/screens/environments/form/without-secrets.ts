import { SERVICE_NAMES } from '../../../../contract/environment.ts';
import type { Certificate, EnvironmentForm } from './environment-form.ts';
import { parsedAddress } from '../parsed-address.ts';

/** A form that may be put by: without what was typed as a secret, and without what hides one in an address or in PEM. */
export function withoutSecrets({ api, postgres, ...rest }: EnvironmentForm): EnvironmentForm {
  const places = SERVICE_NAMES.map(
    (service) => [service, withoutPassword(postgres.places[service])] as const,
  );
  return {
    ...rest,
    api: {
      ...api,
      apiUrl: withoutPassword(api.apiUrl),
      authUrl: withoutPassword(api.authUrl),
      gatewayUrl: withoutPassword(api.gatewayUrl),
      clientSecret: '',
      ca: withoutKey(api.ca),
    },
    postgres: {
      ...postgres,
      address: withoutPassword(postgres.address),
      host: withoutPassword(postgres.host),
      password: '',
      places: { ...postgres.places, ...Object.fromEntries(places) },
      passwords: { user: '', rbac: '', client: '', realm: '' },
      ca: withoutKey(postgres.ca),
      client: withoutKey(postgres.client),
      key: '',
    },
  };
}

/** Parameters of an address as libpq takes them. */
const SECRET_PARAMETERS = ['password', 'sslpassword'];

/** An address without its password; nothing of what cannot be read and may have one. */
function withoutPassword(text: string): string {
  const url = /^[a-z]+:\/\//i.test(text.trim()) ? parsedAddress(text.trim()) : undefined;
  if (!url) return /[@=]/.test(text) ? '' : text;
  // Of a password with a slash or a # in it the address begins too early.
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) return '';
  const secret = SECRET_PARAMETERS.filter((name) => url.searchParams.has(name));
  if (url.password === '' && secret.length === 0) return text;
  url.password = '';
  for (const name of secret) url.searchParams.delete(name);
  return url.href;
}

/** A file of a certificate often has its key as well. */
function withoutKey(certificate: Certificate): Certificate {
  return certificate.pem.includes('PRIVATE KEY') ? { ...certificate, pem: '' } : certificate;
}
