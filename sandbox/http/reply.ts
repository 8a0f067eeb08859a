/** A piece of a streamed body. */
export type Piece = string | Buffer;

/** What a handler answers. A streamed body is asked for its first piece before the status line is sent. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Piece>;
}

export interface FieldError {
  /** Where in the body, as `users[3].email`; empty for the body as a whole. */
  readonly field: string;
  readonly message: string;
}

/** An answer that says no, thrown from wherever the reason is found. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Further members of the answer's body. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { members?: Readonly<Record<string, unknown>>; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.members = more.members ?? {};
    this.headers = more.headers ?? {};
  }
}

export function invalid(fields: readonly FieldError[], code = 'VALIDATION_FAILED'): Refusal {
  const first = fields[0];
  const message = first ? `${first.field || 'body'}: ${first.message}` : 'The request is not valid.';
  return new Refusal(400, code, message, { members: { fields } });
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** The error body of OpenGate's services: `{"error", "message", "timestamp"}` and what the case adds. */
export function refusalReply(refusal: Refusal): Reply {
  const { status, code, message, members, headers } = refusal;
  return json(status, { error: code, message, ...members, timestamp: new Date().toISOString() }, headers);
}
