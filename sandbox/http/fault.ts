/**
 * A misbehaviour that a test asks for. Unless it says otherwise the request is carried out as usual, and only its
 * answer suffers: the client cannot know whether its write happened.
 */
export type Fault = { readonly delayMilliseconds?: number } & (
  | { readonly kind: 'delay' }
  /** Answers this instead; the request is not carried out. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Closes the connection; the request is not carried out. */
  | { readonly kind: 'refuse' }
  /** Carries the request out and closes the connection without a byte of an answer. */
  | { readonly kind: 'loseAnswer' }
  /** Breaks the connection off after so many bytes of the body. */
  | { readonly kind: 'breakAfter'; readonly bytes: number }
  /** Ends the body after so many bytes as if it were whole. */
  | { readonly kind: 'truncateAfter'; readonly bytes: number }
  /** Sends so many bytes of the body and then nothing more, with the connection open. */
  | { readonly kind: 'stallAfter'; readonly bytes: number }
);

export interface FaultRequest {
  readonly environment: string;
  /**
   * Which server was called: `opengate` in the documented dialect; in v1.1 `gateway`, `admin-api`, `auth-service`,
   * `user-service`, `realm-service`, `rbac-service` or `client-service`. A call that one of them passes on is asked
   * about once, where it came in.
   */
  readonly server: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Asked once a request, before anything else; undefined lets it pass. */
export type FaultHook = (request: FaultRequest) => Fault | undefined | Promise<Fault | undefined>;
