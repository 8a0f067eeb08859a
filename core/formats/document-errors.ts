import { AppError } from '../../contract/errors.ts';

/** A place in a document. Line and column count from 1, the column in characters (code points); `offset` in bytes from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** Member names and list indices from the document's root. */
export type JsonPath = readonly (string | number)[];

/** What is wrong with a document and where. Never carries a value of the document: it may be a secret. */
export interface Fault {
  readonly position: Position;
  readonly path: JsonPath;
  /** "text", "“,” or “}”", … */
  readonly expected: string;
  /** "a number", "the end of the document", … */
  readonly found: string;
  /** A sentence for the reader, where there is more to say. */
  readonly remedy?: string;
  /** The document ended before it was complete: a broken transfer more often than a mistake in the document. */
  readonly cutOff?: boolean;
}

export interface DocumentName {
  /** File name or address, without secrets. */
  readonly name?: string;
  readonly origin: 'server' | 'file';
}

export function invalidDocument(document: DocumentName, fault: Fault): AppError {
  const path = formatPath(fault.path);
  const message = `${whereabouts(document, fault.position, path)}: expected ${fault.expected}, found ${fault.found}.`;
  return new AppError('INVALID_DOCUMENT', message, {
    ...notChanged(document),
    remedy: fault.remedy ?? defaultRemedy(document, fault.cutOff === true),
    details: {
      ...place(document, fault.position, path),
      expected: fault.expected,
      found: fault.found,
      ...(fault.cutOff && { cutOff: true }),
    },
  });
}

/** A document that cannot be read for a reason of its own, told in a sentence. */
export function refusedDocument(
  document: DocumentName,
  position: Position,
  sentence: string,
  remedy: string,
): AppError {
  return new AppError('INVALID_DOCUMENT', `${whereabouts(document, position, '')}: ${sentence}`, {
    ...notChanged(document),
    remedy,
    details: place(document, position, ''),
  });
}

export function documentTooLarge(
  document: DocumentName,
  fault: Pick<Fault, 'position' | 'path'> & { readonly what: string; readonly limit: number },
): AppError {
  const path = formatPath(fault.path);
  return new AppError(
    'DOCUMENT_TOO_LARGE',
    `${whereabouts(document, fault.position, path)}: ${fault.what}.`,
    {
      ...notChanged(document),
      remedy: 'Check that this is an OpenGate export; no export of a realm comes near this limit.',
      details: { ...place(document, fault.position, path), limit: fault.limit },
    },
  );
}

const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;
const LONGEST_NAME = 60;

/** `users[17].email`; names that are no plain words are quoted: `smtpConfig["reply to"]`. */
export function formatPath(path: JsonPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_NAME.test(step) && step.length <= LONGEST_NAME) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(shortened(step, LONGEST_NAME))}]`;
  }
  return text;
}

/** Cuts a text that someone else wrote to what fits in a sentence. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  // A cut through a surrogate pair would print a replacement character.
  return `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A few names of members, for a sentence. */
export function quotedNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `“${shortened(name, LONGEST_NAME)}”`);
  return shown.join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
}

function whereabouts(document: DocumentName, position: Position, path: string): string {
  const name = document.name ?? (document.origin === 'server' ? 'The server’s answer' : 'The document');
  return `${name}, line ${position.line}, column ${position.column}${path && `, at ${path}`}`;
}

/** Of a server's answer only its reader knows. */
function notChanged({ origin }: DocumentName): { readonly notChanged?: string } {
  return origin === 'file' ? { notChanged: 'Nothing of it was stored.' } : {};
}

function place(document: DocumentName, position: Position, path: string): Record<string, unknown> {
  return { ...(document.name !== undefined && { document: document.name }), ...position, path };
}

function defaultRemedy(document: DocumentName, cutOff: boolean): string {
  if (document.origin === 'server')
    return cutOff
      ? 'Try again; if it is cut off again, look into the server’s log and at proxies in between.'
      : 'Look into the server’s log: it answered with something that is not an OpenGate export.';
  return cutOff
    ? 'Fetch or copy the file again, whole.'
    : 'Correct the document at this place, or export it anew.';
}
