import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  createWriteStream,
  openSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { refuseKept, type Kept } from '../../catalog/copies/kept-files.ts';
import { fileError } from './file-errors.ts';
import { putInPlace } from './put-in-place.ts';

/** Where to write to, and what may be replaced there. */
export interface FilePlace {
  readonly path: string;
  /** Replace a file that is there. `a report`: only one that is empty, or a report of JUnit. */
  readonly replace: boolean | 'a report';
  /** What it must not be. */
  readonly kept: Kept;
}

/**
 * A file that is written at a user's wish. Only its owner may read it (reports for pipelines excepted), and it appears under
 * its name when it is whole. What is no file (a pipe, a terminal, standard output by its name) is written to as it comes.
 */
export class OutputFile {
  readonly #path: string;
  readonly #place: FilePlace;
  /** Undefined: it is written to as it comes. */
  readonly #unfinished: { readonly path: string; readonly handle: FileHandle } | undefined;
  readonly #kind: Stats | undefined;

  private constructor(
    path: string,
    place: FilePlace,
    kind: Stats | undefined,
    unfinished?: { readonly path: string; readonly handle: FileHandle },
  ) {
    this.#path = path;
    this.#place = place;
    this.#kind = kind;
    this.#unfinished = unfinished;
  }

  /**
   * What stands in the way is known before anything is done. An earlier report is removed at once, lest it be taken for one
   * of a command that was killed.
   *
   * @throws AppError USAGE where the place is that of a catalog or of what the command reads; FILE_FAILED, DISK_FULL
   */
  static async open(place: FilePlace): Promise<OutputFile> {
    const { replace, kept } = place;
    refuseKept(place.path, kept);
    try {
      const found = statSync(place.path, { throwIfNoEntry: false });
      if (isWrittenDirectly(place.path, found)) return new OutputFile(place.path, place, found);
      const path = found && replace === 'a report' ? realpathSync(place.path) : place.path;
      if (found) await refuseTaken(path, found, replace);
      const unfinished = `${path}.${randomBytes(6).toString('hex')}.unfinished`;
      const handle = await open(unfinished, 'wx', replace === 'a report' ? 0o666 : 0o600);
      const file = new OutputFile(path, place, found, { path: unfinished, handle });
      if (found && replace === 'a report') await file.#removeEarlier();
      return file;
    } catch (error) {
      throw fileError('write', place.path, error);
    }
  }

  /**
   * Writes all of it, and gives it its name. To be called once; nothing of it is left where this fails.
   *
   * @returns its size in bytes
   * @throws AppError FILE_FAILED, DISK_FULL, CANCELED; what making the pieces throws
   */
  async write(pieces: AsyncIterable<Uint8Array | string>, signal: AbortSignal): Promise<number> {
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        const buffer = typeof piece === 'string' ? Buffer.from(piece) : piece;
        bytes += buffer.length;
        yield buffer;
      }
    }
    try {
      const content = Readable.from(counted(), { objectMode: true });
      if (this.#unfinished) {
        const { handle, path } = this.#unfinished;
        await pipeline(content, handle.createWriteStream({ flush: true }), { signal });
        await putInPlace(path, this.#path, { replace: this.#place.replace !== false });
      } else await pipeline(content, await openedDirectly(this.#path, this.#kind, signal), { signal });
      return bytes;
    } catch (error) {
      await this.discard();
      throwIfAborted(signal);
      throw fileError('write', this.#path, error);
    }
  }

  /** Once there is something to write the new one into; what was opened for that does not stay where this fails. */
  async #removeEarlier(): Promise<void> {
    try {
      await rm(this.#path);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Nothing is written. */
  async discard(): Promise<void> {
    if (!this.#unfinished) return;
    await this.#unfinished.handle.close().catch(() => {});
    await rm(this.#unfinished.path, { force: true });
  }
}

/** Standard output and its like by name: what they lead to, be it a file, has other writers. */
const DESCRIPTORS = /^\/(?:dev\/(?:stdout|stderr|fd\/\d+)|proc\/[^/]+\/fd\/\d+)$/;

function isWrittenDirectly(path: string, found: Stats | undefined): boolean {
  return DESCRIPTORS.test(path) || (found !== undefined && !found.isFile() && !found.isDirectory());
}

async function refuseTaken(path: string, found: Stats, replace: FilePlace['replace']): Promise<void> {
  if (found.isDirectory()) throw Object.assign(new Error('folder'), { code: 'EISDIR' });
  if (replace === false) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
  if (replace === true || found.size === 0 || (await isReport(path))) return;
  throw new AppError('FILE_FAILED', `“${path}” is there already, and is no JUnit report.`, {
    notChanged: 'Nothing was done, and the file was left as it is.',
    remedy: 'Name another file for the report, or remove this one.',
    details: { path },
  });
}

const BEGINNING_BYTES = 4096;
const REPORT = /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*<testsuites?[\s/>]/;

async function isReport(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const { bytesRead, buffer } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
  return REPORT.test(buffer.toString('utf8', 0, bytesRead));
}

async function openedDirectly(path: string, kind: Stats | undefined, signal: AbortSignal): Promise<Writable> {
  if (!kind?.isFIFO()) return createWriteStream(path, { flags: 'a' });
  return new Socket({ fd: await openedPipe(path, signal), readable: false, writable: true });
}

const BETWEEN_LOOKS_MILLISECONDS = 50;

/** A thread that waits for a reader of a pipe could not be called off, and would keep the process from ending. */
async function openedPipe(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    throwIfAborted(signal);
    try {
      const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      if (!signal.aborted) return descriptor;
      closeSync(descriptor);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await sleep(BETWEEN_LOOKS_MILLISECONDS);
  }
}
