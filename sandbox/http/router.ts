import type { IncomingMessage } from 'node:http';
import { Refusal, type Reply } from './reply.ts';

/** A request on its way to its handler. */
export interface Call {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** The path's variables, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{name}` stands for one segment. */
  readonly path: string;
  /** `admin`: only with a bearer token of a client that has the right to administer. */
  readonly access: 'public' | 'admin';
  readonly handle: (call: Call) => Promise<Reply>;
}

/** @throws Refusal 404 for an unknown path, 405 (with `Allow`) for a known one with another method */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } {
  const allowed: string[] = [];
  for (const route of routes) {
    const parameters = match(route.path, path);
    if (!parameters) continue;
    if (route.method === method || (method === 'HEAD' && route.method === 'GET'))
      return { route, parameters };
    allowed.push(route.method);
  }
  if (allowed.length === 0) throw new Refusal(404, 'NOT_FOUND', `There is nothing at ${path}.`);
  throw new Refusal(405, 'METHOD_NOT_ALLOWED', `${method} is not allowed here.`, {
    headers: { allow: allowed.join(', ') },
  });
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const actual = given[index] ?? '';
    const variable = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (variable === undefined) {
      if (segment !== actual) return undefined;
    } else {
      if (actual === '') return undefined;
      parameters[variable] = decode(actual);
    }
  }
  return parameters;
}

function decode(segment: string): string {
  const refusal = new Refusal(400, 'BAD_REQUEST', 'The path is not valid percent-encoding, or holds a NUL.');
  try {
    const text = decodeURIComponent(segment);
    if (text.includes('\0')) throw refusal;
    return text;
  } catch {
    throw refusal;
  }
}
