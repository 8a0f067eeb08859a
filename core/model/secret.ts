import type { JsonObject, JsonValue } from './record.ts';

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

const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|credential|token|api_?key|private_?key|hash)$|^(?:password|client_?secret|secret)/i;
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
  if (Array.isArray(value)) return value.map(withSecretsHidden);
  if (typeof value !== 'object' || value === null) return value;
  const shown: JsonObject = {};
  for (const [name, inner] of Object.entries(value)) {
    if (isRedacted(inner)) shown[name] = '<redacted by the server>';
    else if (typeof inner === 'string' && isSecretName(name)) shown[name] = '<present, not shown>';
    else shown[name] = withSecretsHidden(inner);
  }
  return shown;
}
