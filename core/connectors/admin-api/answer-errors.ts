import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import { lookForRealm } from '../no-realm.ts';
import { parseProblem, problemText, shorten, webPageTitle, type Problem } from './problem.ts';
import type { Outcome } from './retry.ts';
import type { Scrubber } from './scrubber.ts';

/** A whole answer, its body read up to a limit. */
export interface ReadAnswer {
  readonly status: number;
  readonly address: string;
  readonly contentType: string;
  readonly text: string;
  /** Where a redirect pointed. */
  readonly location?: string;
  readonly retryAfterMs?: number;
  /** The proxy it came through, as messages name it. */
  readonly proxy?: string;
}

/** What a call was for: the words of its errors. */
export interface Purpose {
  /** Completes "could not …": `export realm “x”`. */
  readonly to: string;
  /** A whole sentence, for when the call failed. */
  readonly notChanged: string;
  /** The realm that a 404 means. */
  readonly realm?: string;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly outcome: Outcome;
  readonly transient: boolean;
}

/**
 * Turns an answer that is no success into one of our errors; `notChanged` is said only when the server refused.
 *
 * @param environment whose server it is, by its name, for a call that is about a realm
 */
export function answerError(
  raw: ReadAnswer,
  purpose: Purpose,
  scrubber: Scrubber,
  environment = '<environment>',
): AppError {
  const answer = withoutSecrets(raw, scrubber);
  if (answer.status >= 300 && answer.status < 400) return redirectError(answer, purpose);
  const problem = parseProblem(answer.text, (text) => scrubber.clean(text));
  const page = problem === undefined ? webPageTitle(answer.text) : undefined;
  const meaning = meaningOf(answer, purpose, environment, problem, page);
  const said =
    problem === undefined ? describeBody(answer, page) : problemText(problem) || 'without giving a reason';
  return new AppError(
    meaning.code,
    `Could not ${purpose.to}: ${lead(answer, meaning.code, purpose)}, ${said}.`,
    {
      remedy: meaning.remedy,
      ...(meaning.outcome === 'refused' ? { notChanged: purpose.notChanged } : {}),
      details: {
        status: answer.status,
        address: answer.address,
        outcome: meaning.outcome,
        transient: meaning.transient || isCutOff(answer, page),
        ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
        ...(problem?.code === undefined ? {} : { serverCode: problem.code }),
        ...(problem === undefined ? {} : { serverMessage: said }),
        ...(problem === undefined || problem.fields.length === 0 ? {} : { fields: problem.fields }),
      },
    },
  );
}

function lead(answer: ReadAnswer, code: ErrorCode, purpose: Purpose): string {
  if (code === 'REALM_NOT_FOUND') return `there is no realm “${purpose.realm}” (404)`;
  if (code === 'RATE_LIMITED' && answer.retryAfterMs !== undefined)
    return `${hostOf(answer)} asks to wait ${Math.ceil(answer.retryAfterMs / 1000)} s (${answer.status})`;
  return `${hostOf(answer)} answered ${answer.status}`;
}

function meaningOf(
  answer: ReadAnswer,
  purpose: Purpose,
  environment: string,
  problem: Problem | undefined,
  page: string | undefined,
): Meaning {
  const refused = (code: ErrorCode, remedy: string): Meaning => ({
    code,
    remedy,
    outcome: 'refused',
    transient: false,
  });
  switch (answer.status) {
    case 401:
      return refused(
        'AUTH_FAILED',
        'Check the client id and secret, and that the token endpoint belongs to this server.',
      );
    case 403:
      return refused(
        'FORBIDDEN',
        'Give the client the rights of an administrator of this realm, or use another client.',
      );
    case 429:
      return {
        code: 'RATE_LIMITED',
        remedy: 'Try again later, or ask for a higher limit for this client.',
        outcome: 'refused',
        transient: true,
      };
    case 404:
      if (page !== undefined || purpose.realm === undefined)
        return refused(
          'UNEXPECTED_ANSWER',
          'Check the address: this server does not have that endpoint there.',
        );
      return refused('REALM_NOT_FOUND', lookForRealm(environment));
    case 409:
      return refused(conflictCode(problem), 'Look at what stands there already, and plan again.');
  }
  if (answer.status >= 500) return serverError(answer);
  if (page !== undefined)
    return refused('UNEXPECTED_ANSWER', 'Check the address: a web page answers there, not the Admin API.');
  return refused('REQUEST_REFUSED', 'Correct what the server names, and try again.');
}

function serverError(answer: ReadAnswer): Meaning {
  // 503 with Retry-After is a server that declines for now; any other 5xx may come after half of the work.
  const declined = answer.status === 503 && answer.retryAfterMs !== undefined;
  return {
    code: 'SERVER_ERROR',
    remedy: 'Look at the server’s log; try again when it is well.',
    outcome: declined ? 'refused' : 'unknown',
    transient: [500, 502, 503, 504].includes(answer.status),
  };
}

/** OpenGate's pages say 409 for a realm and for a client without naming the body's shape: the code says it, else the words. */
function conflictCode(problem: Problem | undefined): ErrorCode {
  const text = problem?.code ?? '';
  const words = /realm|client/i.test(text) ? text : (problem?.message ?? '');
  if (/client/i.test(words)) return 'CLIENT_EXISTS';
  if (/realm/i.test(words)) return 'REALM_EXISTS';
  return 'REQUEST_REFUSED';
}

function redirectError(answer: ReadAnswer, purpose: Purpose): AppError {
  const from = new URL(answer.address);
  const to = answer.location === undefined ? undefined : URL.parse(answer.location, answer.address);
  const why =
    to?.origin === from.origin
      ? 'no call is sent elsewhere than it was meant to go, since one that writes would arrive as one that reads.'
      : 'the credentials would go there too.';
  return new AppError(
    'UNEXPECTED_ANSWER',
    `Could not ${purpose.to}: ${hostOf(answer)} answered ${answer.status}, a redirect to ${redirectTarget(answer, to)}. Redirects are not followed: ${why}`,
    {
      remedy: redirectRemedy(from, to),
      notChanged: purpose.notChanged,
      details: { status: answer.status, address: answer.address, outcome: 'refused', transient: false },
    },
  );
}

function redirectRemedy(from: URL, to: URL | null | undefined): string {
  if (to && from.protocol === 'http:' && to.protocol === 'https:' && to.hostname === from.hostname)
    return `Set the environment’s address to ${to.origin}: this server wants to be asked over TLS.`;
  return 'If that is the right place, set it as the environment’s address. If it is a page to sign in on, something in front of the server wants a person: find the address behind it.';
}

/** Without query, fragment and path parameters: login pages carry state there, Spring's a session's id. */
function redirectTarget(answer: ReadAnswer, to: URL | null | undefined): string {
  if (answer.location === undefined) return 'nowhere (no Location header)';
  return to ? shorten(to.origin + to.pathname.replace(/;.*$/, ''), 200) : 'an address that is none';
}

/** An answer of success that is not what was asked for. JSON that is cut off may be whole the next time. */
export function unexpectedAnswer(raw: ReadAnswer, to: string, scrubber: Scrubber): AppError {
  const answer = withoutSecrets(raw, scrubber);
  const { status, address, contentType } = answer;
  const page = webPageTitle(answer.text);
  return new AppError(
    'UNEXPECTED_ANSWER',
    `Could not ${to}: ${hostOf(answer)} answered ${status}, ${describeBody(answer, page)}.`,
    {
      remedy: 'Check that the address is the Admin API itself, not a login page, a proxy or a console.',
      details: { status, address, contentType, transient: page === undefined && /json/i.test(contentType) },
    },
  );
}

/** Some servers echo what they were sent. Cleaned before anything is cut out of it: half a secret is not recognised. */
function withoutSecrets(answer: ReadAnswer, scrubber: Scrubber): ReadAnswer {
  return {
    ...answer,
    text: scrubber.clean(answer.text),
    ...(answer.location === undefined ? {} : { location: scrubber.clean(answer.location) }),
  };
}

/** JSON that ends too early: what the server said is not known, and it may say the whole of it the next time. */
function isCutOff({ contentType, text }: ReadAnswer, page: string | undefined): boolean {
  if (page !== undefined || !/json/i.test(contentType) || text.trim() === '') return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    // Its message would quote the body; all that counts is that it is no JSON.
    return true;
  }
}

function describeBody(answer: ReadAnswer, page: string | undefined): string {
  if (page !== undefined) return page === '' ? 'with a web page' : `with a web page titled “${page}”`;
  if (answer.text.trim() === '') return 'without a body';
  const type = answer.contentType === '' ? 'no content type' : answer.contentType;
  return `with ${type}, not with JSON: “${shorten(answer.text, 120)}”`;
}

function hostOf(answer: ReadAnswer): string {
  const { origin } = new URL(answer.address);
  return answer.proxy === undefined ? origin : `${origin} (through ${answer.proxy})`;
}

/** @param limit bytes */
export function tooLong(address: string, limit: number): AppError {
  return new AppError('UNEXPECTED_ANSWER', `${address} answered with more than ${limit / 1024 / 1024} MiB.`, {
    remedy: 'Check the address: no such answer is that large.',
    details: { outcome: 'unknown', transient: false },
  });
}
