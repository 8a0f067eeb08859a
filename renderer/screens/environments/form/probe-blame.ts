import type { ProbeView } from '../../../../contract/environment.ts';
import type { FieldErrors } from './environment-form.ts';
import { windowText } from '../../../wording/window-words.ts';

const API = {
  Address: 'api.apiUrl',
  TLS: 'api.caPem',
  Token: 'api.clientSecret',
  Realms: 'api.apiUrl',
  Dialect: 'api.apiUrl',
  Rights: 'api.clientId',
} as const;

const POSTGRES = {
  Address: 'postgres.url',
  TLS: 'postgres.tls.mode',
  Login: 'postgres.password',
  Services: 'postgres.databases',
} as const;

/** Which fields the failed steps of a test point at, each with what the step says first. */
export function blameOf(
  { steps }: Pick<ProbeView, 'steps'>,
  channels: { readonly api: boolean; readonly postgres: boolean },
): FieldErrors {
  const blame: Record<string, string> = {};
  for (const { name, verdict, text } of steps) {
    if (verdict !== 'failed') continue;
    const field = fieldOf(name, channels);
    if (field !== undefined) blame[field] ??= `${windowText(firstSentence(text))} The test says more.`;
  }
  return blame;
}

/** "Could not get a token." of a text that goes on with addresses and advice. */
function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
}

/** With both channels a step is named after its own: "PostgreSQL: Login". */
function fieldOf(step: string, { api, postgres }: { api: boolean; postgres: boolean }): string | undefined {
  const [, channel, name = step] = /^(PostgreSQL|Admin API): (.*)$/.exec(step) ?? [];
  const isApi = channel === undefined ? api && !postgres : channel === 'Admin API';
  const [, kind = '', places = ''] = /^(\S+)(?: \((.*)\))?$/.exec(name) ?? [];
  if (!isApi) return POSTGRES[kind as keyof typeof POSTGRES];
  if (kind === 'Address' && places !== '' && !places.includes('Admin API'))
    return places.includes('tokens') ? 'api.authUrl' : 'api.gatewayUrl';
  return API[kind as keyof typeof API];
}
