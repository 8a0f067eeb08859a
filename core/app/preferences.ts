import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError, isAppError } from '../../contract/errors.ts';
import { preferencesView, type PreferencesChange, type PreferencesView } from '../../contract/workspace.ts';

const USUAL: PreferencesView = { theme: 'system', updateCheck: false, notifications: true, drafts: {} };
/** In characters: far more than any form holds, far less than would be felt. */
const DRAFTS_LIMIT = 256_000;

const stored = preferencesView.partial().extend({ catalog: z.string().optional() });
type Stored = z.infer<typeof stored>;

/** How somebody wants the windows to be: a small file of this user's, without secrets. */
export class Preferences {
  readonly #file: string;
  #stored: Stored;

  /** @param file it need not be there; one that cannot be understood counts as not there, for nothing of value is in it */
  constructor(file: string) {
    this.#file = file;
    this.#stored = readStored(file);
  }

  get view(): PreferencesView {
    const { catalog: _, ...rest } = this.#stored;
    return { ...USUAL, ...rest };
  }

  /** The catalog's folder that was chosen in a window. */
  get catalog(): string | undefined {
    return this.#stored.catalog;
  }

  /** @throws AppError FILE_FAILED, USAGE when drafts are too large to be kept */
  chooseCatalog(dir: string): void {
    this.#write({ ...this.#stored, catalog: dir });
  }

  /** @throws AppError FILE_FAILED, USAGE when drafts are too large to be kept */
  change({ drafts, ...rest }: PreferencesChange): PreferencesView {
    const merged = { ...this.view.drafts };
    for (const [name, draft] of Object.entries(drafts ?? {})) {
      if (draft === null) delete merged[name];
      else merged[name] = draft;
    }
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    this.#write({ ...this.#stored, ...given, drafts: merged });
    return this.view;
  }

  #write(next: Stored): void {
    if (JSON.stringify(next.drafts ?? {}).length > DRAFTS_LIMIT)
      throw new AppError('USAGE', 'What was begun in this window is too large to be kept.', {
        notChanged: 'What was kept before stays as it is.',
        remedy: 'Go on without closing the window.',
      });
    const beside = `${this.#file}.new`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(beside, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
      renameSync(beside, this.#file);
    } catch (error) {
      throw fileFailed(this.#file, error);
    }
    this.#stored = next;
  }
}

function readStored(file: string): Stored {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw fileFailed(file, error);
  }
  try {
    return stored.parse(JSON.parse(text));
  } catch (error) {
    if (isAppError(error)) throw error;
    return {};
  }
}

function fileFailed(file: string, error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('FILE_FAILED', `The preferences in ${file} could not be read or written: ${reason}.`, {
    notChanged: 'No preference was changed. Catalogs and environments are not affected.',
    remedy: 'Make that file and its folder accessible to you.',
    cause: error,
  });
}
