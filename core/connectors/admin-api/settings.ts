import type { SeenServer } from '../../../contract/environment.ts';
import { AppError } from '../../../contract/errors.ts';
import type { RateLimiter } from './rate.ts';

/** How to reach one OpenGate installation over its Admin API. */
export interface AdminApiSettings {
  /** The environment's name: `details.environment` of the errors of its calls. */
  readonly name: string;
  /** The Admin API: `https://host:8089`, with or without a trailing slash or `/admin`. */
  readonly apiUrl: string;
  /** Where tokens are issued; a whole token endpoint (ending in `/token`) is taken as it is. Default: `gatewayUrl`, else `apiUrl`. */
  readonly authUrl?: string;
  /** The gateway, which serves the Realms API (`/api/realms`). Default: `apiUrl`. */
  readonly gatewayUrl?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Certificates of a private CA, PEM; trusted beside the usual ones. */
  readonly caPem?: string;
  /** Switches the verification of certificates off, for this connector only. */
  readonly insecureTls?: boolean;
  readonly timeouts?: Partial<Timeouts>;
  /** How hard the server may be asked. Default by stage where the environment is opened; here: 16 at once, no rate. */
  readonly limits?: Limits;
  /** One that is shared with other connectors, made with the same limits; whoever gave it ends it. Default: one of its own. */
  readonly limiter?: RateLimiter;
  /** Scopes to ask a token with. Default: none are named, and the server gives the client its own. */
  readonly scopes?: readonly string[];
  /** What an earlier connection to these addresses found. A first guess: what decides what is written is looked for anew. */
  readonly seen?: Pick<SeenServer, 'api' | 'token'>;
  /** Users in one import call, at most. */
  readonly batchSize?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Replaced in tests. */
  readonly time?: Time;
  /** Where proxies are named. Default: the environment variables of the process. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

export interface Limits {
  /** Calls under way at a time; default: `DEFAULT_CONCURRENCY`. */
  readonly concurrency?: number;
  /** Calls begun in a second, at most. Undefined: as many as there are. */
  readonly requestsPerSecond?: number;
}

/** A server nobody has set limits for. */
const DEFAULT_CONCURRENCY = 16;

export function concurrencyOf(limits: Limits | undefined): number {
  return limits?.concurrency ?? DEFAULT_CONCURRENCY;
}

/** Milliseconds. */
export interface Timeouts {
  /** Until a connection stands, TLS included. */
  readonly connectMs: number;
  /** Without a single byte, where an answer is being read or a look-up was asked for. */
  readonly idleMs: number;
  /** A whole call with its answer; exports are streams and have `idleMs` only. */
  readonly requestMs: number;
  /** How long a write that is under way may still finish after a cancel, so that its outcome is known. */
  readonly cancelGraceMs: number;
}

export interface RetryPolicy {
  /** Calls in all, the first one included. */
  readonly attempts: number;
  /** As `attempts`, of a server that has answered many calls already: what fails now is likely to pass. */
  readonly provenAttempts: number;
  /** Milliseconds before the first repetition at most; doubled each time. */
  readonly baseMs: number;
  /** Milliseconds between two calls at most. */
  readonly maxMs: number;
  /** Milliseconds of `Retry-After` that are waited for; a server that asks for more gets an error instead of a wait. */
  readonly maxRetryAfterMs: number;
}

export interface Time {
  /** Milliseconds since the epoch. */
  now(): number;
  /** @throws AppError CANCELED */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ x < 1, for the jitter. */
  random(): number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  idleMs: 60_000,
  requestMs: 300_000,
  cancelGraceMs: 5_000,
};

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  provenAttempts: 10,
  baseMs: 250,
  maxMs: 10_000,
  maxRetryAfterMs: 120_000,
};

/** The addresses of an installation, each without a trailing slash. */
export interface BaseUrls {
  readonly api: string;
  readonly auth: string;
  readonly gateway: string;
  /** Whether a gateway was named, or `gateway` is the Admin API's own address. */
  readonly gatewayNamed: boolean;
}

/** @throws AppError USAGE when an address is not a plain http(s) URL */
export function baseUrls(settings: Pick<AdminApiSettings, 'apiUrl' | 'authUrl' | 'gatewayUrl'>): BaseUrls {
  const api = baseUrl('Admin API', settings.apiUrl);
  const gateway = settings.gatewayUrl === undefined ? api : baseUrl('gateway', settings.gatewayUrl);
  const auth = settings.authUrl === undefined ? gateway : baseUrl('token', settings.authUrl);
  return { api, auth, gateway, gatewayNamed: gateway !== api };
}

const KNOWN_TAIL = /\/(?:admin|api)(?:\/realms)?$/;

function baseUrl(what: string, text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch (cause) {
    throw notAnAddress(what, text, cause);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw notAnAddress(what, text);
  if (url.username !== '' || url.password !== '')
    throw new AppError('USAGE', `The ${what} address contains a user name or password.`, {
      remedy: 'Give the address without them; the client id and secret are separate settings.',
    });
  return url.origin + url.pathname.replace(/\/+$/, '').replace(KNOWN_TAIL, '');
}

function notAnAddress(what: string, text: string, cause?: unknown): AppError {
  // Not quoted when it may carry credentials ("user:secret@host").
  const shown = text.includes('@') ? 'What was given' : `“${text}”`;
  return new AppError('USAGE', `${shown} is not an http or https address for the ${what}.`, {
    remedy: 'Give it whole, like https://opengate.example.com:8089.',
    details: { address: what },
    ...(cause instanceof Error && !text.includes('@') ? { cause } : {}),
  });
}
