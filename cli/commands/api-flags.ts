import { Option, type Command } from 'commander';
import type { ApiInput, EnvironmentView } from '../../contract/environment.ts';
import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';
import { askHidden } from '../terminal/prompt.ts';
import { readTextFile, wholeNumber, zeroOrAtLeast } from './arguments.ts';
import { givenSecret } from './secret-place.ts';
import { requireScheme } from './web-address.ts';

export interface ApiFlags {
  readonly apiUrl?: string;
  readonly authUrl?: string;
  readonly gatewayUrl?: string;
  readonly clientId?: string;
  readonly clientSecretEnv?: string;
  readonly clientSecretFile?: string;
  readonly caFile?: string;
  readonly insecureTls?: boolean;
  readonly apiScope?: readonly string[];
  readonly apiConcurrency?: number;
  /** Calls a second. */
  readonly apiRate?: number;
}

const FLAGS = {
  apiUrl: '--api-url',
  clientId: '--client-id',
  authUrl: '--auth-url',
  gatewayUrl: '--gateway-url',
  clientSecretEnv: '--client-secret-env',
  clientSecretFile: '--client-secret-file',
  caFile: '--ca-file',
  insecureTls: '--insecure-tls',
  apiScope: '--api-scope',
  apiConcurrency: '--api-concurrency',
  apiRate: '--api-rate',
} as const satisfies Readonly<Record<keyof ApiFlags, string>>;

/** As commander names them. */
export const API_NAMES = Object.keys(FLAGS) as (keyof ApiFlags)[];

export function addApiFlags(command: Command): Command {
  const options = [
    new Option(
      '--api-url <url>',
      'address of the Admin API, or of a gateway in front of it, such as https://iam.example.com:8089',
    ),
    new Option('--auth-url <url>', 'address that issues tokens, if it is not the Admin API’s'),
    new Option('--gateway-url <url>', 'address of the gateway, if there is one beside the Admin API'),
    new Option('--client-id <id>', 'client that may use the Admin API'),
    new Option(
      '--client-secret-env <variable>',
      'environment variable that holds the client’s secret',
    ).conflicts('clientSecretFile'),
    new Option(
      '--client-secret-file <file>',
      'file that holds the client’s secret; without either it is asked for',
    ),
    new Option('--ca-file <file>', 'certificate authority to trust besides the known ones (PEM)').conflicts(
      'insecureTls',
    ),
    new Option('--insecure-tls', 'do not check the server’s certificate (warned about at every use)'),
    new Option(
      '--api-scope <scope>',
      'scope to ask a token with, if the server wants one named; may be repeated; "" names none any more',
    ).argParser(collectScopes),
    new Option(
      '--api-concurrency <calls>',
      'calls under way at a time, of all jobs of one process; 4 on production, else 16',
    ).argParser(wholeNumber(1, 64)),
    new Option(
      '--api-rate <calls>',
      'calls in a second, of all jobs of one process, such as 20 or 0.5; 0: no limit; 50 on production, else 0',
    ).argParser(zeroOrAtLeast(0.01, 100_000)),
  ];
  for (const option of options) command.addOption(option.helpGroup('Admin API:'));
  return command;
}

function collectScopes(given: string, before: readonly string[] = []): string[] {
  return given === '' ? [] : [...before, ...given.split(/\s+/).filter((scope) => scope !== '')];
}

/** The flags of the Admin API that are given, as they are typed. */
export function apiFlagsGiven(flags: ApiFlags): string[] {
  return API_NAMES.filter((name) => flags[name] !== undefined).map((name) => FLAGS[name]);
}

/** What the flags add to what is known of an Admin API already. */
type ChangedApi = Omit<ApiInput, 'clientSecret'> & { readonly clientSecret?: string };

/**
 * A new Admin API; undefined when none is given.
 *
 * @throws AppError USAGE when only a half of it is given, or no secret and nobody can be asked; FILE_FAILED
 */
export async function newApi(io: Io, flags: ApiFlags): Promise<ApiInput | undefined> {
  const api = await changedApi(io, flags, undefined);
  if (api === undefined) return undefined;
  return { ...api, clientSecret: api.clientSecret ?? (await askedSecret(io)) };
}

/**
 * The Admin API with what the flags change of it; undefined when they change nothing.
 *
 * @throws AppError USAGE, also of an address without its scheme, FILE_FAILED
 */
export async function changedApi(
  io: Io,
  flags: ApiFlags,
  old: EnvironmentView['api'],
): Promise<ChangedApi | undefined> {
  const given = apiFlagsGiven(flags);
  if (given.length === 0) return undefined;
  for (const name of ['apiUrl', 'authUrl', 'gatewayUrl'] as const)
    if (flags[name] !== undefined) requireScheme(FLAGS[name], flags[name]);
  // One address may be all there is to name: the gateway serves the Admin API too.
  const apiUrl = flags.apiUrl ?? old?.apiUrl ?? flags.gatewayUrl;
  const clientId = flags.clientId ?? old?.clientId;
  if (apiUrl === undefined || clientId === undefined) throw halfAnApi(given, apiUrl === undefined);
  if (old?.privateCa && flags.caFile === undefined && !flags.insecureTls) throw authorityAgain();
  const clientSecret = await givenSecret(io, {
    what: 'client secret',
    variable: flags.clientSecretEnv,
    file: flags.clientSecretFile,
  });
  const authUrl = flags.authUrl ?? old?.authUrl;
  const gatewayUrl = flags.gatewayUrl ?? old?.gatewayUrl;
  const scopes = flags.apiScope ?? old?.scopes ?? [];
  const limits = limitsFrom(flags, old);
  return {
    apiUrl,
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(authUrl === undefined ? {} : { authUrl }),
    ...(gatewayUrl === undefined ? {} : { gatewayUrl }),
    ...(flags.caFile === undefined
      ? {}
      : { caPem: await readTextFile(flags.caFile, 'The certificate authority') }),
    ...(flags.insecureTls ? { insecureTls: true } : {}),
    ...(scopes.length === 0 ? {} : { scopes: [...scopes] }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function limitsFrom(flags: ApiFlags, old: EnvironmentView['api']): ApiInput['limits'] {
  const concurrency = flags.apiConcurrency ?? old?.limits.concurrency;
  const requestsPerSecond = flags.apiRate ?? old?.limits.requestsPerSecond;
  if (concurrency === undefined && requestsPerSecond === undefined) return undefined;
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
  };
}

async function askedSecret(io: Io): Promise<string> {
  const typed = io.interactive ? await askHidden(io, 'Client secret: ') : '';
  if (typed !== '') return typed;
  throw new AppError('USAGE', 'The client’s secret is missing.', {
    notChanged: 'No environment was added or changed.',
    remedy:
      'Name the environment variable that holds it (--client-secret-env VAR) or the file (--client-secret-file F).',
  });
}

function halfAnApi(given: readonly string[], urlMissing: boolean): AppError {
  return new AppError(
    'USAGE',
    `With ${given[0]!} an Admin API is meant, but ${urlMissing ? 'its address is not given' : 'no client is named that may use it'}.`,
    {
      notChanged: 'No environment was added or changed.',
      remedy: urlMissing
        ? 'Give --api-url and --client-id. (What concerns the databases begins with --pg-.)'
        : 'Give --client-id as well.',
    },
  );
}

/** An authority is not told back, so it cannot be carried over into the changed settings. */
function authorityAgain(): AppError {
  return new AppError('USAGE', 'The Admin API’s certificate is checked against an authority of its own.', {
    notChanged: 'The environment was not changed.',
    remedy: 'Name the authority’s file again: --ca-file.',
  });
}
