import {
  SERVICE_NAMES,
  SSL_MODES,
  tryOutInput,
  type EnvironmentInput,
  type EnvironmentView,
  type TryOutInput,
} from '../../../../contract/environment.ts';
import type { Stage } from '../../../design/stage-badge.tsx';
import { addressOf, isAddress, partsOf } from './postgres-address.ts';
import { parsedAddress } from '../parsed-address.ts';

export type Service = (typeof SERVICE_NAMES)[number];
export type SslMode = (typeof SSL_MODES)[number];

/** A certificate that is given as text, or one that is stored and stays. */
export interface Certificate {
  readonly pem: string;
  readonly stored: boolean;
}

export interface ApiForm {
  readonly used: boolean;
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly gatewayUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Apart by blanks. */
  readonly scopes: string;
  readonly ca: Certificate;
  readonly insecureTls: boolean;
  readonly concurrency: number | '';
  readonly requestsPerSecond: number | '';
}

export interface PostgresForm {
  readonly used: boolean;
  /** Whether the server is named by parts or by an address as libpq takes it. */
  readonly by: 'parts' | 'address';
  readonly address: string;
  readonly host: string;
  readonly port: number | '';
  readonly user: string;
  readonly database: string;
  readonly password: string;
  /** A database's name or an address; empty: it is looked for. */
  readonly places: Readonly<Record<Service, string>>;
  readonly passwords: Readonly<Record<Service, string>>;
  /** Empty: as the address says. */
  readonly mode: SslMode | '';
  readonly ca: Certificate;
  readonly client: Certificate;
  readonly key: string;
  readonly connectSeconds: number | '';
  readonly lockSeconds: number | '';
}

/** What is typed to add or change an environment. Secrets are empty where stored ones stay. */
export interface EnvironmentForm {
  readonly name: string;
  readonly stage: Stage;
  readonly api: ApiForm;
  readonly postgres: PostgresForm;
}

const NONE: Certificate = { pem: '', stored: false };
const EACH: Readonly<Record<Service, string>> = { user: '', rbac: '', client: '', realm: '' };

export const EMPTY_FORM: EnvironmentForm = {
  name: '',
  stage: 'development',
  api: {
    used: true,
    apiUrl: '',
    authUrl: '',
    gatewayUrl: '',
    clientId: '',
    clientSecret: '',
    scopes: '',
    ca: NONE,
    insecureTls: false,
    concurrency: '',
    requestsPerSecond: '',
  },
  postgres: {
    used: false,
    by: 'parts',
    address: '',
    host: '',
    port: 5432,
    user: '',
    database: '',
    password: '',
    places: EACH,
    passwords: EACH,
    mode: '',
    ca: NONE,
    client: NONE,
    key: '',
    connectSeconds: '',
    lockSeconds: '',
  },
};

/** A stored environment, to be changed. */
export function formOf({ name, stage, api, postgres }: EnvironmentView): EnvironmentForm {
  return {
    name,
    stage,
    api: {
      ...EMPTY_FORM.api,
      used: api !== undefined,
      ...(api && {
        apiUrl: api.apiUrl,
        authUrl: api.authUrl ?? '',
        gatewayUrl: api.gatewayUrl ?? '',
        clientId: api.clientId,
        scopes: api.scopes.join(' '),
        ca: { pem: '', stored: api.privateCa },
        insecureTls: api.insecureTls,
        concurrency: api.limits.concurrency ?? '',
        requestsPerSecond: api.limits.requestsPerSecond ?? '',
      }),
    },
    postgres: {
      ...EMPTY_FORM.postgres,
      used: postgres !== undefined,
      ...(postgres && {
        ...(isAddress(postgres.url) && partsOf(postgres.url)),
        // One that has parameters, or cannot be taken apart, is shown as it is: for that there are no fields.
        by: isAddress(postgres.url) && new URL(postgres.url).search === '' ? 'parts' : 'address',
        address: postgres.url,
        places: { ...EACH, ...postgres.databases },
        mode: postgres.tls.mode ?? '',
        ca: { pem: '', stored: postgres.tls.privateCa },
        client: { pem: '', stored: postgres.tls.clientCertificate },
        connectSeconds: seconds(postgres.timeouts.connectMs),
        lockSeconds: seconds(postgres.timeouts.lockMs),
      }),
    },
  };
}

function seconds(milliseconds: number | undefined): number | '' {
  return milliseconds === undefined ? '' : milliseconds / 1_000;
}

/** Certificates that stay as they are stored. */
export function keptCertificates({ api, postgres }: EnvironmentForm) {
  return [
    ...(api.used && api.ca.stored ? (['api.ca'] as const) : []),
    ...(postgres.used && postgres.ca.stored ? (['postgres.ca'] as const) : []),
    ...(postgres.used && postgres.client.stored ? (['postgres.client'] as const) : []),
  ];
}

/** As the contract takes it; without the secrets that are not typed. */
export function inputOf({ name, stage, api, postgres }: EnvironmentForm): TryOutInput['environment'] {
  return {
    name: name.trim(),
    stage,
    ...(api.used && { api: apiInputOf(api) }),
    ...(postgres.used && { postgres: postgresInputOf(postgres) }),
  };
}

function apiInputOf(api: ApiForm): NonNullable<TryOutInput['environment']['api']> {
  const scopes = api.scopes.split(/\s+/).filter((scope) => scope !== '');
  const limits = {
    ...(api.concurrency !== '' && { concurrency: api.concurrency }),
    ...(api.requestsPerSecond !== '' && { requestsPerSecond: api.requestsPerSecond }),
  };
  return {
    apiUrl: api.apiUrl.trim(),
    clientId: api.clientId.trim(),
    ...given('authUrl', api.authUrl),
    ...given('gatewayUrl', api.gatewayUrl),
    ...(api.clientSecret !== '' && { clientSecret: api.clientSecret }),
    ...given('caPem', api.ca.pem),
    ...(api.insecureTls && { insecureTls: true }),
    ...(scopes.length > 0 && { scopes }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

function postgresInputOf(postgres: PostgresForm): NonNullable<EnvironmentInput['postgres']> {
  const places = SERVICE_NAMES.map((service) => [service, postgres.places[service].trim()] as const);
  const named = places.filter(([, place]) => place !== '');
  // One that stands on the same server has that server's password, and no field for its own.
  const passwords = named.flatMap(([service, place]) =>
    postgres.passwords[service] === '' || !place.includes('://')
      ? []
      : [[service, postgres.passwords[service]] as const],
  );
  const tls = {
    ...(postgres.mode !== '' && { mode: postgres.mode }),
    ...given('caPem', postgres.ca.pem),
    ...given('certPem', postgres.client.pem),
    ...given('keyPem', postgres.key),
  };
  const timeouts = {
    ...(postgres.connectSeconds !== '' && { connectMs: Math.round(postgres.connectSeconds * 1_000) }),
    ...(postgres.lockSeconds !== '' && { lockMs: Math.round(postgres.lockSeconds * 1_000) }),
  };
  return {
    url: addressOf(postgres),
    ...(postgres.password !== '' && { password: postgres.password }),
    ...(named.length > 0 && { databases: Object.fromEntries(named) }),
    ...(passwords.length > 0 && { passwords: Object.fromEntries(passwords) }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
  };
}

function given<K extends string>(name: K, text: string): { [name in K]?: string } {
  return text.trim() === '' ? {} : ({ [name]: text.trim() } as { [name in K]: string });
}

/** What is wrong, by the part of the input that it is wrong with: "api.apiUrl". */
export type FieldErrors = Readonly<Record<string, string>>;

/** The field of a part of the input: one of several scopes stands in the field of all, "api.scopes.1" in "api.scopes". */
export function fieldAt(part: string): string {
  return part.replace(/\.\d+$/, '');
}

/** Everything that can be said without asking anybody. Nothing where nothing is wrong. */
export function errorsOf(
  form: EnvironmentForm,
  { taken, stored }: { taken: readonly string[]; stored: EnvironmentView | undefined },
): FieldErrors {
  const errors: Record<string, string> = {};
  const { name, api, postgres } = form;
  const parsed = tryOutInput.shape.environment.safeParse(inputOf(form));
  for (const { path, message } of parsed.error?.issues ?? [])
    errors[fieldAt(path.join('.'))] ??= sentence(message);
  if (name.trim() === '') errors['name'] = 'Give it a name.';
  else if (taken.includes(name.trim())) errors['name'] = 'There is an environment of this name already.';
  if (!api.used && !postgres.used) errors[''] = 'Give the Admin API, the databases, or both.';
  if (api.used) {
    if (api.clientId.trim() === '') errors['api.clientId'] = 'Give the client’s id.';
    if (api.clientSecret === '' && !stored?.api) errors['api.clientSecret'] = 'Give the client’s secret.';
    else if (api.clientSecret === '' && stored?.api && apiAddresses(stored.api) !== apiAddresses(api))
      errors['api.clientSecret'] =
        'The stored secret belongs to other addresses. Type the secret again, for the new ones.';
  }
  if (postgres.used && postgres.password === '' && stored?.postgres?.password)
    if (serverOf(stored.postgres.url) !== serverOf(addressOf(postgres)))
      errors['postgres.password'] =
        'The stored password belongs to another server. Type the password again, for the new one.';
  if (postgres.used && postgres.by === 'parts' && postgres.host.trim() === '')
    errors['postgres.url'] = 'Give the name or the address of the server.';
  return errors;
}

/** Everywhere that the client's secret is sent to: a stored one goes to no other place than the one it was given for. */
function apiAddresses({
  apiUrl,
  authUrl,
  gatewayUrl,
}: Partial<Pick<ApiForm, 'apiUrl' | 'authUrl' | 'gatewayUrl'>>) {
  return JSON.stringify(
    [apiUrl, authUrl, gatewayUrl].map((url = '') => parsedAddress(url.trim())?.href ?? ''),
  );
}

function serverOf(address: string): string {
  const url = parsedAddress(address);
  if (!url) return address;
  const { hostname, port, search } = url;
  return JSON.stringify([hostname, port || '5432', search]);
}

function sentence(expected: string): string {
  return `This should be ${expected}.`;
}
