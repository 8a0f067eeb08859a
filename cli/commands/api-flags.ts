import { Option, type Command } from 'commander';
import type { ApiInput, EnvironmentView } from '../../contract/environment.ts';
import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';
import { askHidden } from '../terminal/prompt.ts';
import { readTextFile } from './arguments.ts';
import { givenSecret } from './secret-place.ts';

export interface ApiFlags {
  readonly apiUrl?: string;
  readonly authUrl?: string;
  readonly gatewayUrl?: string;
  readonly clientId?: string;
  readonly clientSecretEnv?: string;
  readonly clientSecretFile?: string;
  readonly caFile?: string;
  readonly insecureTls?: boolean;
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
} as const satisfies Readonly<Record<keyof ApiFlags, string>>;

/** As commander names them. */
export const API_NAMES = Object.keys(FLAGS) as (keyof ApiFlags)[];

export function addApiFlags(command: Command): Command {
  const options = [
    new Option('--api-url <url>', 'address of the Admin API, such as https://iam.example.com:8089'),
    new Option('--auth-url <url>', 'address that issues tokens, if it is not the Admin API’s'),
    new Option('--gateway-url <url>', 'address of the gateway, if it is not the one that issues tokens'),
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
  ];
  for (const option of options) command.addOption(option.helpGroup('Admin API:'));
  return command;
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
 * @throws AppError USAGE, FILE_FAILED
 */
export async function changedApi(
  io: Io,
  flags: ApiFlags,
  old: EnvironmentView['api'],
): Promise<ChangedApi | undefined> {
  const given = apiFlagsGiven(flags);
  if (given.length === 0) return undefined;
  const apiUrl = flags.apiUrl ?? old?.apiUrl;
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
