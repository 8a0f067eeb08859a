import { COUNTERPARTS, ONLY_IN_TERMINALS, type Counterpart } from './commands.ts';
import { localNumbers } from './local-numbers.ts';
import { PHRASES } from './phrases.ts';
import { NUMBERS } from './system-locale.ts';

const numbers = new Intl.NumberFormat(NUMBERS);

/** A piece of a sentence: words, words that lead to a screen, or what only a terminal takes. */
export type Piece = string | { readonly words: string; readonly to: string } | { readonly command: string };

/**
 * What the engine says, as windows say it. Its sentences are written for the command line and name commands and flags;
 * whoever reads them in a window has no terminal, and is told where to click. What windows do not offer stays a command,
 * and is said to be one of a terminal.
 */
export function inWindows(text: string): readonly Piece[] {
  return reworded(text).pieces.map((piece) =>
    typeof piece === 'string' ? localNumbers(piece, numbers) : piece,
  );
}

/** The same as nothing but words, for where no link can stand. */
export function windowText(text: string): string {
  return inWindows(text).map(wordsOf).join('');
}

function wordsOf(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  return 'words' in piece ? piece.words : `“${piece.command}”`;
}

/** What all texts have that some rule is for, and hardly any other: most are left alone after one look. */
const SUSPICIOUS = /drawbridge |--[a-z]|DRAWBRIDGE_|Ctrl-C|command|“plan”| > |gunzip/;

/** @returns `rules`: those that found something to say otherwise */
export function reworded(text: string): {
  readonly pieces: readonly Piece[];
  readonly rules: readonly Rule[];
} {
  const rules: Rule[] = [];
  let pieces: readonly Piece[] = [text];
  if (SUSPICIOUS.test(text))
    for (const rule of RULES)
      pieces = pieces.flatMap((piece) => {
        if (typeof piece !== 'string') return [piece];
        const parts = split(piece, rule.said, rule.instead);
        if (parts.length > 1) rules.push(rule);
        return parts;
      });
  return { pieces: joined(pieces), rules };
}

export interface Rule {
  readonly said: RegExp;
  readonly instead: (match: RegExpExecArray) => readonly Piece[];
}

/** A command of which the tables know nothing: it is left what it is, as far as its end can be seen. */
export const UNKNOWN_COMMAND: Rule = {
  said: /(?<before>“|\(|(?: with)?: )(?<line>drawbridge (?!serve\b)[a-z][a-z-]*(?: [\w<>=/:…|-]+)*)”?/g,
  instead: inTerminal,
};

/** In their order: phrases have to be seen before the commands in them. */
export const RULES: readonly Rule[] = [
  ...PHRASES.map(({ said, instead }): Rule => ({ said, instead: ({ groups }) => piecesOf(instead, groups) })),
  ...COUNTERPARTS.map((counterpart): Rule => ({
    said: commandRegExp(counterpart.command),
    instead: (match) => piecesOf(inPlace(counterpart, match), match.groups),
  })),
  ...ONLY_IN_TERMINALS.map((command): Rule => ({ said: commandRegExp(command), instead: inTerminal })),
  UNKNOWN_COMMAND,
];

/** A command as sentences name it: quoted, in parentheses, behind a colon or among words; and to its very end. */
function commandRegExp(words: string): RegExp {
  return new RegExp(`(?<before>“|\\(|(?: with)?: )?(?<line>drawbridge ${words})(?:”|(?=[.,;:)]|$))`, 'g');
}

/** The words for a command, which fit what they stand behind. */
function inPlace({ verb, name, to, besides = '' }: Counterpart, match: RegExpExecArray): string {
  const before = match.groups?.['before'] ?? '';
  const way = `[${name}](${to})`;
  if (before.endsWith(': ')) {
    // A command at the end of a text has no full stop, so that it can be copied.
    const isEnd = match.index + match[0].length === match.input.length;
    return `: ${verb} ${way}${besides}${isEnd ? '.' : ''}`;
  }
  if (before === '(') return verb === 'press' ? `(${way}` : `(see ${way}`;
  return way;
}

function inTerminal({ groups }: RegExpExecArray): readonly Piece[] {
  const before = groups?.['before'] ?? '';
  if (before.endsWith(': ')) return piecesOf(': in a terminal, `{line}`', groups);
  return piecesOf(before === '(' ? '(in a terminal: `{line}`' : '`{line}` in a terminal', groups);
}

const MARKED = /\[(?<words>[^\]]+)\]\((?<to>[^)]+)\)|`(?<command>[^`]+)`/g;

/** The pieces of a text of the tables. Names are filled in last: what stands in them is no mark. */
function piecesOf(marked: string, names: Readonly<Record<string, string>> | undefined): readonly Piece[] {
  const filled = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => names?.[name] ?? '');
  return split(marked, MARKED, ({ groups = {} }) => [
    groups['command'] === undefined
      ? { words: filled(groups['words']!), to: filled(groups['to']!) }
      : { command: filled(groups['command']) },
  ]).map((piece) => (typeof piece === 'string' ? filled(piece) : piece));
}

/** A text with pieces in the place of what was found in it. */
function split(
  text: string,
  found: RegExp,
  instead: (match: RegExpExecArray) => readonly Piece[],
): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(found)) {
    pieces.push(text.slice(end, match.index), ...instead(match));
    end = match.index + match[0].length;
  }
  return [...pieces, text.slice(end)];
}

/** Without empty words, and with words that follow each other as one piece. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (piece === '') continue;
    if (typeof piece === 'string' && typeof last === 'string') all[all.length - 1] = last + piece;
    else all.push(piece);
  }
  return all.length === 0 ? [''] : all;
}
