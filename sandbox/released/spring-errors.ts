import { STATUS_CODES } from 'node:http';
import { json, type Reply } from '../http/reply.ts';

/** What Spring answers when a handler throws what nobody turns into an answer: a status, and no reason. */
export class BareError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** A refusal of OpenGate's own. Its exception handler gives it a code and one of two statuses: 409 is not among them. */
export class ServiceRefusal extends Error {
  readonly status: 400 | 404;
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.status = code === NOT_FOUND ? 404 : 400;
    this.code = code;
  }
}

const NOT_FOUND = 'RESOURCE_NOT_FOUND';

export function notFound(resource: string, id: string): ServiceRefusal {
  return new ServiceRefusal(NOT_FOUND, `${resource} not found with id: ${id}`);
}

/** A path that Tomcat takes for none. */
export class TomcatError extends Error {}

/** Tomcat's own page, which comes whatever the client accepts. */
export function tomcatReply(): Reply {
  return {
    status: 400,
    headers: { 'content-type': 'text/html;charset=utf-8', 'content-language': 'en' },
    body: '<!doctype html><html lang="en"><head><title>HTTP Status 400 – Bad Request</title></head><body><h1>HTTP Status 400 – Bad Request</h1></body></html>',
  };
}

/** The body of Spring Boot's error controller as it is by default: neither message nor exception. */
export function bareReply(
  status: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json(status, { timestamp: javaDate(), status, error: reason(status), path }, headers);
}

/** The same of the reactive stack, on which the gateway runs. */
export function reactiveReply(status: number, path: string): Reply {
  return json(status, {
    timestamp: javaDate(),
    path,
    status,
    error: reason(status),
    requestId: Math.random().toString(16).slice(2, 10),
  });
}

export function refusalReply(refusal: ServiceRefusal): Reply {
  const { status, code, message } = refusal;
  return json(status, { error: code, message, timestamp: new Date().toISOString() });
}

/** As Jackson writes a `java.util.Date`. */
function javaDate(): string {
  return new Date().toISOString().replace('Z', '+00:00');
}

function reason(status: number): string {
  return STATUS_CODES[status] ?? 'None';
}
