/**
 * Which commands a text of the engine names: it knows them by the program's own name. Not the end of a path, nor a folder that
 * `--catalog` names.
 */
const COMMAND = /(?<![\w/.'-]|--catalog )drawbridge (?=[a-z])/g;

/**
 * A text with its commands as they have to be typed here: what is called by another name, or with another catalog, is so
 * for whoever does what a message advises, too.
 *
 * @param self how this program was called
 */
export function asCalled(text: string, self: string): string {
  return text.replace(COMMAND, () => `${self} `);
}
