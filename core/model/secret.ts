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

const UNMISTAKABLE_MASK = /^(?:\*{6,}|[<[({]\s*(?:redacted|masked|hidden)\s*[>\])}])$/i;

/**
 * Whether a text is a mask whatever its member is called: servers mask members whose names we have never heard of, and
 * nobody means six asterisks.
 */
export function isUnmistakableMask(text: string): boolean {
  return UNMISTAKABLE_MASK.test(text);
}

/** The state of a client's secret, from its canonical body. */
export function clientSecretState(client: JsonObject): SecretState {
  if (typeof client['secretHash'] === 'string' || typeof client['clientSecret'] === 'string')
    return 'present';
  return isRedacted(client['clientSecret']) ? 'redacted' : 'absent';
}
