import type { VariableLookup } from '../formats/document-variables.ts';

/** How files are read that somebody names. */
export interface FileReading {
  /** What `${…}` in a file stands for; undefined: it is text. */
  readonly variables: VariableLookup | undefined;
  /** What it is called, where its path does not tell: of a copy that a window has handed over. */
  readonly nameOfFile: NameOfFile;
}

export type NameOfFile = (path: string) => string | undefined;
