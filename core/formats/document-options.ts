import type { ListSection } from './document-layout.ts';
import type { VariableExpander } from './document-variables.ts';

export interface Limits {
  /** Size of one record, in bytes. */
  readonly recordBytes: number;
  /** Levels of objects and lists, the document's root being the first. */
  readonly depth: number;
  /** All members of the document together that are no section, in bytes. */
  readonly otherBytes: number;
}

export const DEFAULT_LIMITS: Limits = { recordBytes: 4 * 1024 ** 2, depth: 64, otherBytes: 16 * 1024 ** 2 };

export interface DocumentOptions {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<Limits>;
  /** For messages: file name or address, without secrets. */
  readonly name?: string;
  /** A server's export tells everything about the members it has: what a record lacks is empty. A file may be partial. */
  readonly origin: 'server' | 'file';
  /** What a list without a name is when its elements do not tell, as when it is empty. */
  readonly expect?: ListSection;
  /** Puts environment variables into the document's texts; not given: `${…}` is text like any other. */
  readonly variables?: VariableExpander | undefined;
}
