/** What an error answer says, in whatever shape the server says it. */
export interface Problem {
  /** A word for machines, as `REALM_EXISTS` or `invalid_client`. */
  readonly code?: string;
  readonly message?: string;
  /** What is wrong with which member of the request. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];
}

const MAX_TEXT = 500;
const MAX_FIELDS = 20;

/** Takes secrets out of a text: before it is shortened, which could leave half of one. */
type Clean = (text: string) => string;

/**
 * Reads an error body leniently: the documentation gives no shape for it, Spring Boot, OAuth 2 (RFC 6749, 5.2) and
 * problem details (RFC 9457) have one each. Anything else is no problem at all: undefined.
 */
export function parseProblem(text: string, clean: Clean): Problem | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: the caller says what it is instead.
    return undefined;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const members = body as Record<string, unknown>;
  const code = firstText(members, ['code', 'errorCode', 'error'], clean);
  const message = firstText(
    members,
    ['error_description', 'message', 'detail', 'errorMessage', 'title'],
    clean,
  );
  const fields = fieldList(
    members['fields'] ??
      members['fieldErrors'] ??
      members['violations'] ??
      members['errors'] ??
      members['details'],
    clean,
  );
  return {
    ...(code === undefined ? {} : { code }),
    ...(message === undefined || message === code ? {} : { message }),
    fields,
  };
}

function firstText(
  members: Record<string, unknown>,
  names: readonly string[],
  clean: Clean,
): string | undefined {
  for (const name of names) {
    const value = members[name];
    if (typeof value === 'string' && value.trim() !== '') return shorten(clean(value));
  }
  return undefined;
}

function fieldList(value: unknown, clean: Clean): Problem['fields'] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value)
    ? value
    : Object.entries(value).map(([field, message]) => ({ field, message }));
  return entries.slice(0, MAX_FIELDS).flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [{ field: '', message: shorten(clean(entry)) }];
    if (typeof entry !== 'object' || entry === null) return [];
    const members = entry as Record<string, unknown>;
    const message = firstText(members, ['message', 'reason', 'defaultMessage', 'detail', 'error'], clean);
    const field =
      firstText(members, ['field', 'path', 'property', 'propertyPath', 'pointer', 'name'], clean) ?? '';
    return message === undefined ? [] : [{ field, message }];
  });
}

/** One line, bounded, without control characters, for a message. */
export function shorten(text: string, limit = MAX_TEXT): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit)}…`;
}

/** "a problem: field one: message; field two: message" */
export function problemText(problem: Problem): string {
  const head = [problem.message, problem.code].filter((part) => part !== undefined);
  const lead = head.length === 2 ? `${head[0]} (${head[1]})` : (head[0] ?? '');
  const fields = problem.fields.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  return [lead, fields.join('; ')].filter((part) => part !== '').join(': ');
}

/** The title of a web page that came in place of data; undefined when the text is no web page. */
export function webPageTitle(text: string): string | undefined {
  if (!/^\uFEFF?\s*<(?:!doctype\s+html|html|head|body|!--|title)/i.test(text)) return undefined;
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1];
  return title === undefined ? '' : shorten(title, 120);
}
