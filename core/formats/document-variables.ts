import { AppError } from '../../contract/errors.ts';
import { isRawJson } from '../model/exact-json.ts';
import type { MemberKind } from '../model/members.ts';
import { setMember, type JsonObject, type JsonValue } from '../model/record.ts';
import { isSecretName } from '../model/secret-name.ts';
import type { Section } from '../model/sections.ts';
import { formatPath, quotedNames, shortened, type DocumentName, type JsonPath } from './document-errors.ts';
import { knownMember, type Misfit } from './record-check.ts';

/** What an environment variable holds; undefined: it is not set. */
export type VariableLookup = (name: string) => string | undefined;

export interface UsedVariable {
  readonly name: string;
  /** It is not set, or empty, and the document's own text stood in for it. */
  readonly default: boolean;
}

/** What was found in a value, and what is wrong with it. */
export type Expansion =
  | { readonly value: JsonValue }
  | { readonly misfit: Misfit }
  | { readonly tooLarge: true };

/** More names than these are neither told nor kept: a document may consist of nothing else. */
const MOST_NAMES = 1000;
const EXPRESSION = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME_AND_DEFAULT = /^([A-Za-z_]\w*)(?::-((?:(?!\$\{)[^])*))?$/;

/**
 * Puts the values of environment variables into the texts of one document: `${NAME}`, or `${NAME:-text}` with a text for
 * when it is not set or empty; `$${` stands for `${`. It works on values that are parsed already, so whatever a variable
 * holds stays within its text, is never taken for JSON, and is not expanded again. Names of members are left as they are.
 *
 * A text that stands where a whole number or true/false belongs becomes one, if it reads as one.
 *
 * Remembers names, never values.
 */
export class VariableExpander {
  readonly #lookup: VariableLookup;
  readonly #used = new Map<string, UsedVariable>();
  readonly #undefined = new Map<string, string>();
  readonly #exposed = new Map<string, string>();

  constructor(lookup: VariableLookup) {
    this.#lookup = lookup;
  }

  /** Those that were asked for so far, by name. */
  used(): UsedVariable[] {
    return [...this.#used.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Findings about how they are used, as sentences. */
  warnings(): string[] {
    return [...this.#exposed].map(
      ([name, place]) =>
        `The name of the variable “${shortened(name, 60)}” tells that it holds a secret, but nothing at ${place} does: there it is shown as any other text.`,
    );
  }

  /**
   * @param section whose record the value is; undefined: none's
   * @param path where in the document the value stands
   * @param limit how long all texts together may become, in bytes
   */
  expand(value: JsonValue, section: Section | undefined, path: JsonPath, limit: number): Expansion {
    const work = new Expanding(this, path, limit);
    try {
      return { value: work.within(value, [], (inner) => kindAt(section, inner)) };
    } catch (error) {
      if (error instanceof Refusal) return error.why;
      throw error;
    }
  }

  /** All at once, so that nobody has to correct them one after the other. @throws AppError VARIABLE_UNDEFINED */
  requireAll({ name = 'The document' }: Pick<DocumentName, 'name'>): void {
    const names = [...this.#undefined.keys()];
    if (names.length === 0) return;
    const what =
      names.length === 1
        ? 'an environment variable that is'
        : `${names.length} environment variables that are`;
    const places = [...this.#undefined]
      .slice(0, 8)
      .map(([variable, place]) => `“${shortened(variable, 60)}” at ${place}`);
    throw new AppError(
      'VARIABLE_UNDEFINED',
      `${name} needs ${what} not set: ${places.join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}.`,
      {
        notChanged: 'Nothing was done.',
        remedy:
          'Set them, or give a text for when they are not: ${NAME:-text}. Where “${” itself is meant, write “$${”.',
        details: { variables: names },
      },
    );
  }

  /** @internal */
  valueOf(name: string, standIn: string | undefined, path: JsonPath): string | undefined {
    const value = this.#lookup(name);
    const usesDefault = standIn !== undefined && (value === undefined || value === '');
    if (value === undefined && !usesDefault) {
      if (this.#undefined.size < MOST_NAMES && !this.#undefined.has(name))
        this.#undefined.set(name, formatPath(path));
      return undefined;
    }
    if (this.#used.size < MOST_NAMES) this.#used.set(name, { name, default: usesDefault });
    if (!usesDefault && isSecretName(name) && !path.some((step) => isSecretName(String(step))))
      if (this.#exposed.size < MOST_NAMES) this.#exposed.set(name, formatPath(path));
    return usesDefault ? standIn : value;
  }
}

class Refusal extends Error {
  readonly why: Expansion;

  constructor(why: Expansion) {
    super();
    this.why = why;
  }
}

type Typed = 'integer' | 'boolean' | undefined;

class Expanding {
  readonly #variables: VariableExpander;
  readonly #root: JsonPath;
  #room: number;

  constructor(variables: VariableExpander, root: JsonPath, limit: number) {
    this.#variables = variables;
    this.#root = root;
    this.#room = limit;
  }

  within(value: JsonValue, path: JsonPath, kind: (path: JsonPath) => Typed): JsonValue {
    if (typeof value === 'string') return value.includes('${') ? this.#text(value, path, kind(path)) : value;
    if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
    if (Array.isArray(value)) return value.map((element, at) => this.within(element, [...path, at], kind));
    const object: JsonObject = {};
    for (const [name, inner] of Object.entries(value))
      setMember(object, name, this.within(inner, [...path, name], kind));
    return object;
  }

  #text(text: string, path: JsonPath, kind: Typed): JsonValue {
    const names: string[] = [];
    let isWhole = true;
    const expanded = text.replace(EXPRESSION, (found, inner: string | undefined, end: string) => {
      if (found === '$${') return '${';
      const parts = NAME_AND_DEFAULT.exec(inner ?? '');
      if (!parts || end === '') throw new Refusal({ misfit: noExpression(path) });
      const name = parts[1]!;
      names.push(name);
      const value = this.#variables.valueOf(name, parts[2], [...this.#root, ...path]);
      isWhole &&= value !== undefined;
      this.#take(value ?? '');
      return value ?? found;
    });
    if (kind === undefined || names.length === 0) return expanded;
    // Of what is not set nobody knows whether it fits; that it is not set is told at the end, with all others.
    if (!isWhole) return kind === 'integer' ? 0 : false;
    const typed = kind === 'integer' ? wholeNumber(expanded) : truth(expanded);
    if (typed === undefined) throw new Refusal({ misfit: notOfKind(kind, names, path) });
    return typed;
  }

  #take(value: string): void {
    this.#room -= Buffer.byteLength(value);
    if (this.#room < 0) throw new Refusal({ tooLarge: true });
  }
}

/** Never says what the variable holds: it may be a secret in the wrong place. */
function notOfKind(kind: 'integer' | 'boolean', names: readonly string[], path: JsonPath): Misfit {
  const from = `from the environment variable${names.length === 1 ? '' : 's'} ${quotedNames(names)}`;
  return {
    path,
    expected: kind === 'integer' ? `a whole number ${from}` : `true or false ${from}`,
    found: 'another text',
    remedy: 'Correct what the variable holds.',
  };
}

function noExpression(path: JsonPath): Misfit {
  return {
    path,
    expected: '“${NAME}” or “${NAME:-text}”',
    found: '“${” with something else behind it',
    remedy:
      'A name has letters, digits and “_”, a text no “}” and no “${”. Where “${” itself is meant, write “$${”.',
  };
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text);
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

function truth(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** Of what lies within a record, the types that OpenGate's documentation shows (Import/Export page, "Export Format"). */
const WITHIN_SMTP: Readonly<Record<string, Typed>> = { port: 'integer' };

function kindAt(section: Section | undefined, path: JsonPath): Typed {
  const [name, within] = path;
  if (section === undefined || typeof name !== 'string' || path.length > 2) return undefined;
  const member = knownMember(section, name);
  if (path.length === 1) return typedOnly(member?.kind);
  return member?.name === 'smtpConfig' && typeof within === 'string' && Object.hasOwn(WITHIN_SMTP, within)
    ? WITHIN_SMTP[within]
    : undefined;
}

function typedOnly(kind: MemberKind | undefined): Typed {
  return kind === 'integer' || kind === 'boolean' ? kind : undefined;
}
