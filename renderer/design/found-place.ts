/** Where in a record a text was found. */
export interface FoundPlace {
  /** The member, as people say it: "e-mail", "attributes: department". */
  readonly member: string;
  readonly value: string;
}

/** The first member, at any depth, in which a text stands; undefined: none that can be shown. */
export function foundPlace(record: unknown, text: string): FoundPlace | undefined {
  const found = placeUnder(record, text, []);
  return found && { member: memberText(found.path), value: found.value };
}

interface Place {
  /** Names of members; places in lists are left out. */
  readonly path: readonly string[];
  readonly value: string;
}

function placeUnder(value: unknown, text: string, path: readonly string[]): Place | undefined {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      const place = placeUnder(inner, text, Array.isArray(value) ? path : [...path, name]);
      if (place) return place;
    }
    return undefined;
  }
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return shown !== undefined && placeIn(shown, text) !== undefined ? { path, value: shown } : undefined;
}

/** The member is OpenGate's and said in words; what is below it may be anybody's, and stays as it is. */
function memberText([member = '', ...below]: readonly string[]): string {
  return [WORDS[member] ?? inWords(member), ...below].join(': ');
}

const WORDS: Readonly<Record<string, string>> = {
  email: 'e-mail',
  emailVerified: 'e-mail verified',
  clientId: 'client id',
  redirectUris: 'redirect URIs',
  webOrigins: 'web origins',
};

/** "firstName" as "first name". What is no such name stays as it is. */
function inWords(member: string): string {
  if (!/^[a-z]+(?:[A-Z][a-z]+)*$/.test(member)) return member;
  return member.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Where it stands without regard to case; undefined: nowhere, or in letters that have another length in lower case. */
export function placeIn(text: string, found: string): number | undefined {
  const lower = text.toLowerCase();
  const at = lower.indexOf(found.toLowerCase());
  return at === -1 || lower.length !== text.length ? undefined : at;
}
