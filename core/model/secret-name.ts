const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|credential|token|(?:api|private|secret|access|signing|encryption|decryption|shared|master|auth|hmac|ssh|webhook|account)[_-]?key|hash)(?:e?s)?$|(?:^|_|smtp)(?:pass|pwd)$|^(?:password|client_?secret|secret)/i;
const NOT_SECRET =
  /(?:policy|lifespan|lifetime|expiry|required|enabled|verified|type|state|url|uri|endpoint)s?$/i;

/**
 * Whether a mask under this name is the state of a secret, and a text under it may be one's hash. What is stored depends
 * on it (docs/format.md): it must never change. What must not be shown is told by `isSecretName`.
 */
export function isMaskedName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name);
}

/** The last words of names, in lower case and without what stands between words. */
const LAST_WORDS =
  /(?:^| )(?:pass|pwd|pw|psw|pswd|passcode|pass word|pin|authorization|authorisation|cookies?|set cookie|bearer|dsns?|(?:connection|conn) ?str(?:ing)?s?|connstrings?|jwts?|sas|(?:basic|proxy|http|bearer|digest) ?auth|auth ?header|(?:api|app|private|secret|access|signing|encryption|decryption|shared|master|auth|hmac|ssh|webhook|account|subscription|function|functions|license|licence|root|session|client|server|tls|ssl|service|storage|host|bearer|x) ?keys?|(?:session|sess) ?ids?|sids?|private ?pem|key ?pem)$/;
/** Words that say of what stands before them in which form it is. */
const FORM =
  /(?: (?:header|headers|value|values|text|plain|plaintext|raw|base64|b64|encoded|string|data|line))+$/;

const known = new Map<string, boolean>();
/** Names are few, records many. A hostile document could bring a new name with every record. */
const MOST_KNOWN = 10_000;
/** Longer names are none that anybody gave; they are judged by their end. UTF-16 code units. */
const LONGEST_NAME = 256;

/**
 * Whether a member of this name, at any depth, is taken to hold a secret: in whatever case and spelling ("X-API-Key",
 * "proxyAuthorization", "connection_string"). Nothing of it is shown, or written where secrets are left out.
 */
export function isSecretName(name: string): boolean {
  let is = known.get(name);
  if (is === undefined) {
    is = judged(name.slice(-LONGEST_NAME));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, is);
  }
  return is;
}

function judged(name: string): boolean {
  if (isMaskedName(name)) return true;
  const words = name
    .replace(/(?<=[\p{Ll}\d])(?=\p{Lu})/gu, ' ')
    .replace(/(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '')
    .join(' ');
  return [words, words.replace(FORM, '')].some(
    (text) =>
      !NOT_SECRET.test(text) &&
      (LAST_WORDS.test(text) || isMaskedName(text.replaceAll(' ', '_')) || isMaskedName(compact(text))),
  );
}

/** "api key", "API.Key" and "apikey" are one name. */
function compact(words: string): string {
  return words.replaceAll(' ', '');
}
