import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What somebody who started the program wants: windows, perhaps with files to be opened, or a command of the command line. */
export type Wanted =
  | { readonly kind: 'windows'; readonly files: readonly string[]; readonly catalog: string | undefined }
  | { readonly kind: 'command'; readonly words: readonly string[] };

/** Switches of the command line that stand before a command, or alone. */
const GLOBAL = new Set(['--json', '--quiet', '--help', '--version']);

/**
 * Commands are single words. A file is known by the path in front of it or the dot in its name (`./plan` is a file, `plan` a
 * command), and by being there; a word that is neither goes to the command line, which says that there is no such command.
 * Switches before it are Chromium's own (`--no-sandbox`), but for those that the command line has.
 *
 * @param words what follows the program
 */
export function wantedBy(words: readonly string[], folder: string): Wanted {
  const files: string[] = [];
  let catalog: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--catalog') catalog = words[++at];
    else if (word.startsWith('--catalog=')) catalog = word.slice('--catalog='.length);
    else if (word.startsWith('-')) {
      if (GLOBAL.has(word)) return { kind: 'command', words: withoutForeign(words) };
    } else {
      const file = fileAt(word, folder);
      if (file === undefined) return { kind: 'command', words: withoutForeign(words) };
      files.push(file);
    }
  }
  // Nothing, as a variable that is not set gives it, names no folder: least of all the one that this was started in.
  return { kind: 'windows', files, catalog: catalog ? resolve(folder, catalog) : undefined };
}

/** Chromium's switches before the command are not the command line's. */
function withoutForeign(words: readonly string[]): string[] {
  const first = words.findIndex((word, at) => !word.startsWith('-') && words[at - 1] !== '--catalog');
  return words.filter(
    (word, at) =>
      (first >= 0 && at >= first) ||
      !word.startsWith('-') ||
      GLOBAL.has(word) ||
      word === '--catalog' ||
      word.startsWith('--catalog='),
  );
}

function fileAt(word: string, folder: string): string | undefined {
  const path = word.startsWith('file://') ? pathOf(word) : /[/\\.]/.test(word) ? word : undefined;
  if (path === undefined) return undefined;
  const whole = resolve(folder, path);
  return statSync(whole, { throwIfNoEntry: false })?.isFile() ? whole : undefined;
}

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    // A file of another computer: there is no path to it.
    return undefined;
  }
}
