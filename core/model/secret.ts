import { isRawJson } from './exact-json.ts';
import { setMember, type JsonObject, type JsonValue } from './record.ts';

/**
 * Whether a secret is known. `redacted`: there is one and the server hid it; writing anything in its place would
 * destroy it. `absent`: there is none.
 */
export type SecretState = 'present' | 'redacted' | 'absent';

const REDACTED_MARK = '$secret';

/** The canonical value of a secret that the server hid: a state, never a string that could be taken for a secret. */
export const REDACTED: JsonObject = Object.freeze({ [REDACTED_MARK]: 'redacted' });

export function isRedacted(value: JsonValue | undefined): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    value[REDACTED_MARK] === 'redacted'
  );
}

const REDACTION_IN_LINE = Buffer.from(JSON.stringify(REDACTED));

/** How many secrets of a canonical line are redacted. */
export function countRedactions(line: Buffer): number {
  let count = 0;
  let at = line.indexOf(REDACTION_IN_LINE);
  while (at >= 0) {
    count++;
    at = line.indexOf(REDACTION_IN_LINE, at + REDACTION_IN_LINE.length);
  }
  return count;
}

const MASK = /^(?:[*•●·xX.\-_?]{3,}|[<[({]?\s*(?:redacted|masked|hidden|secret)\s*[>\])}]?)$/i;

/**
 * Whether a text is what servers print in place of a secret ("**********", "<redacted>", "[HIDDEN]"). A real secret of
 * such a form is taken for a mask too: then the target keeps its own, which is the harmless mistake.
 */
export function isMask(text: string): boolean {
  return MASK.test(text);
}

const UNMISTAKABLE_MASK = /^(?:\*{6,}|[<[({]\s*(?:redacted|masked|hidden)\s*[>\])}])$/i;

/**
 * Whether a text is a mask whatever its member is called: servers mask members whose names we have never heard of, and
 * nobody means six asterisks.
 */
export function isUnmistakableMask(text: string): boolean {
  return UNMISTAKABLE_MASK.test(text);
}

const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|credential|token|(?:api|private|secret|access|signing|encryption|decryption|shared|master|auth|hmac|ssh|webhook|account)[_-]?key|hash)(?:e?s)?$|(?:^|_|smtp)(?:pass|pwd)$|^(?:password|client_?secret|secret)/i;
const NOT_SECRET =
  /(?:policy|lifespan|lifetime|expiry|required|enabled|verified|type|state|url|uri|endpoint)s?$/i;

/** Whether a member of this name, at any depth, is taken to hold a secret when it is text or a redaction mark. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name);
}

/** The state of a client's secret, from its canonical body. */
export function clientSecretState(client: JsonObject): SecretState {
  if (typeof client['secretHash'] === 'string' || typeof client['clientSecret'] === 'string')
    return 'present';
  return isRedacted(client['clientSecret']) ? 'redacted' : 'absent';
}

/** A copy fit to be shown: every secret replaced by its state, in angle brackets. */
export function withSecretsHidden(value: JsonValue): JsonValue {
  return hidden(value, false);
}

/** Under the name of a secret, whatever is text or a number at any depth is one: {"value": …}, lists of old ones. */
function hidden(value: JsonValue, isSecret: boolean): JsonValue {
  if (typeof value === 'string' || typeof value === 'number') return isSecret ? PRESENT_TEXT : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isRedacted(value)) return REDACTED_TEXT;
  if (isRawJson(value)) return isSecret ? PRESENT_TEXT : value;
  if (Array.isArray(value)) return value.map((element) => hidden(element, isSecret));
  const shown: JsonObject = {};
  for (const [name, inner] of Object.entries(value))
    setMember(shown, name, hidden(inner, isSecret || isSecretName(name)));
  return shown;
}

const PRESENT_TEXT = '<present, not shown>';
const REDACTED_TEXT = '<redacted by the server>';

/** What is shown in place of secrets. */
export const SECRET_TEXTS: readonly string[] = [PRESENT_TEXT, REDACTED_TEXT];
