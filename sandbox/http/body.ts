import type { IncomingMessage } from 'node:http';
import { invalid, Refusal } from './reply.ts';

const FORM_LIMIT_BYTES = 64 * 1024;
const OBJECT_LIMIT_BYTES = 1024 * 1024;

/** @throws Refusal 413 beyond 64 KB, 415 for another content type */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  requireType(request, 'application/x-www-form-urlencoded');
  return new URLSearchParams((await readAll(request, FORM_LIMIT_BYTES)).toString('utf8'));
}

/** @throws Refusal 400 when it is not a JSON object, 413 beyond 1 MB, 415 for another content type */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  requireType(request, 'application/json');
  const text = (await readAll(request, OBJECT_LIMIT_BYTES)).toString('utf8');
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid([{ field: '', message: 'must be an object' }]);
  return value as Record<string, unknown>;
}

/** The body's bytes. Who stops reading leaves the connection open: the refusal still has to go out on it. */
export function chunksOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

export function requireType(request: IncomingMessage, type: string): void {
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given !== type) throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', `The content type must be ${type}.`);
}

export function malformed(detail: string): Refusal {
  return new Refusal(400, 'MALFORMED_JSON', `The body is not JSON: ${detail}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'it cannot be parsed');
  }
}

async function readAll(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.length;
    if (size > limit) throw new Refusal(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
