import type { Reply } from '../http/reply.ts';
import type { Exchange } from '../http/server.ts';
import {
  BareError,
  bareReply,
  refusalReply,
  ServiceRefusal,
  TomcatError,
  tomcatReply,
} from './spring-errors.ts';

/** A request to one service, come in over HTTP or passed on by the Admin API or the gateway. */
export interface ServiceCall {
  readonly method: string;
  /** As it stood in the request line, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: () => Promise<string>;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

export type Service = (call: ServiceCall) => Promise<Reply>;

export interface ServiceRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{name}` stands for one segment. */
  readonly path: string;
  readonly handle: (parameter: Parameters, call: ServiceCall) => Promise<Reply> | Reply;
}

/** The path's variables, decoded, by name. */
export type Parameters = (name: string) => string;

export interface ServiceSettings {
  readonly refusals: 'coded' | 'bare';
  /** Told of failures that are the stand-in's own. */
  readonly onError: (error: unknown) => void;
}

/** A Spring MVC application: routes, and the answers it has for what fails. */
export function springService(routes: readonly ServiceRoute[], settings: ServiceSettings): Service {
  const compiled = [...routes, ...ACTUATOR].map((route) => ({ ...route, segments: compile(route.path) }));
  return async (call) => {
    try {
      const { route, values } = find(compiled, call.method, call.path);
      return await route.handle(
        (name) => decodeURIComponent(values[route.segments.indexOf(`{${name}}`)] ?? ''),
        call,
      );
    } catch (error) {
      if (call.signal.aborted) throw error;
      if (error instanceof TomcatError) return tomcatReply();
      if (error instanceof BareError) return bareReply(error.status, call.path, error.headers);
      if (error instanceof ServiceRefusal)
        return settings.refusals === 'coded' ? refusalReply(error) : bareReply(500, call.path);
      if (!isRefusedByDatabase(error)) settings.onError(error);
      return bareReply(500, call.path);
    }
  };
}

export function callOf({ request, url, signal }: Exchange, readBody: () => Promise<string>): ServiceCall {
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: readBody,
    signal,
  };
}

const ACTUATOR: readonly ServiceRoute[] = [
  {
    method: 'GET',
    path: '/actuator/health',
    handle: () => ({
      status: 200,
      headers: { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' },
      body: '{"status":"UP"}',
    }),
  },
];

interface CompiledRoute extends ServiceRoute {
  readonly segments: readonly string[];
}

/** What Tomcat refuses with a page of its own, before the application sees it. */
const NO_PATH = /%(?:2f|5c|00)/i;

/** What the firewall of Spring Security lets no request pass with. */
const FIREWALLED = /;|\/\/|\\|%(?:2e|25|3b|0a|0d|e2%80%a[89])/i;

function find(
  routes: readonly CompiledRoute[],
  method: string,
  path: string,
): { route: CompiledRoute; values: readonly string[] } {
  if (NO_PATH.test(path) || !isEncoded(path)) throw new TomcatError();
  if (FIREWALLED.test(path)) throw new BareError(400, 'The firewall rejects this path.');
  const values = compile(path);
  const allowed: string[] = [];
  for (const route of routes) {
    if (!matches(route.segments, values)) continue;
    if (route.method === method || (method === 'HEAD' && route.method === 'GET')) return { route, values };
    allowed.push(route.method);
  }
  if (allowed.length === 0) throw new BareError(404, `There is nothing at ${path}.`);
  throw new BareError(405, `${method} is not allowed here.`, { allow: allowed.join(', ') });
}

function compile(path: string): string[] {
  return path.split('/');
}

function matches(pattern: readonly string[], values: readonly string[]): boolean {
  return (
    pattern.length === values.length &&
    pattern.every((segment, index) =>
      segment.startsWith('{') ? values[index] !== '' : segment === values[index],
    )
  );
}

function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    // Percent signs that encode nothing, or no UTF-8: no path.
    return false;
  }
}

/** Data that do not fit and constraints: a `DataIntegrityViolationException`, which nobody handles. */
function isRefusedByDatabase(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code);
}
