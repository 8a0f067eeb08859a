import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { preferencesView, type PreferencesChange, type PreferencesView } from '../../contract/workspace.ts';

const USUAL: PreferencesView = { theme: 'system', updateCheck: false, notifications: true, drafts: {} };
/** In characters: far more than any form holds, far less than would be felt. */
const DRAFTS_LIMIT = 256_000;

/** A stand-in that was put into a catalog, and the process that it belongs to. */
const rememberedStandIn = z.object({ name: z.string(), apiUrl: z.string(), pid: z.int() });
export type RememberedStandIn = z.infer<typeof rememberedStandIn>;

/** What the file has besides what windows see. */
const stored = preferencesView
  .extend({ catalog: z.string(), standIns: z.array(rememberedStandIn) })
  .partial();
type Stored = z.infer<typeof stored>;

/**
 * How somebody wants the windows to be: a small file of this user's, without secrets. Several programs may have it, such as
 * the desktop program and a browser's: what one of them writes leaves alone what the others have written.
 */
export class Preferences {
  readonly #file: string;
  #stored: Stored;

  /** @param file it need not be there; what cannot be understood of it counts as not there */
  constructor(file: string) {
    this.#file = file;
    this.#stored = readStored(file);
  }

  get view(): PreferencesView {
    const { catalog: _, standIns: __, ...rest } = this.#stored;
    return { ...USUAL, ...rest };
  }

  /** The catalog's folder that was chosen in a window. */
  get catalog(): string | undefined {
    return this.#stored.catalog;
  }

  /** @throws AppError FILE_FAILED, USAGE when drafts are too large to be kept */
  chooseCatalog(dir: string): void {
    this.#write((now) => ({ ...now, catalog: dir }));
  }

  /**
   * Stand-ins that were put into a catalog and not taken out of it again, as far as is known here.
   *
   * @throws AppError FILE_FAILED
   */
  get standIns(): readonly RememberedStandIn[] {
    return this.#now().standIns ?? [];
  }

  /** @throws AppError FILE_FAILED */
  rememberStandIns(change: (now: readonly RememberedStandIn[]) => readonly RememberedStandIn[]): void {
    this.#write((now) => ({ ...now, standIns: [...change(now.standIns ?? [])] }));
  }

  /** @throws AppError FILE_FAILED, USAGE when drafts are too large to be kept */
  change({ drafts, ...rest }: PreferencesChange): PreferencesView {
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    this.#write((now) => {
      const merged = new Map(Object.entries(now.drafts ?? {}));
      for (const [name, draft] of Object.entries(drafts ?? {})) {
        if (draft === null) merged.delete(name);
        else merged.set(name, draft);
      }
      return { ...now, ...given, drafts: Object.fromEntries(merged) };
    });
    return this.view;
  }

  /** What the file has by now; of what it has lost, what is known here. */
  #now(): Stored {
    return { ...this.#stored, ...readStored(this.#file) };
  }

  #write(change: (now: Stored) => Stored): void {
    const next = change(this.#now());
    if (JSON.stringify(next.drafts ?? {}).length > DRAFTS_LIMIT)
      throw new AppError('USAGE', 'What was begun in this window is too large to be kept.', {
        notChanged: 'What was kept before stays as it is.',
        remedy: 'Go on without closing the window.',
      });
    const beside = `${this.#file}.${process.pid}.new`;
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
  return understood(text);
}

/** Each member for itself: one that cannot be understood must not make the catalog's folder be forgotten. */
function understood(text: string): Stored {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof members !== 'object' || members === null) return {};
  const whole = Object.entries(members).filter(
    ([name, value]) => stored.safeParse({ [name]: value }).success,
  );
  return stored.parse(Object.fromEntries(whole));
}

function fileFailed(file: string, error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('FILE_FAILED', `The preferences in ${file} could not be read or written: ${reason}.`, {
    notChanged: 'No preference was changed. Catalogs and environments are not affected.',
    remedy: 'Make that file and its folder accessible to you.',
    cause: error,
  });
}
