import { open } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import { shellWord, type Io } from './io.ts';
import { quoted, visible } from './render/visible.ts';

/** No passphrase or client secret is longer; a device file would never end. */
const MOST_BYTES = 64 * 1024;

/**
 * A secret's file, without the line break that editors and `echo` put at its end.
 *
 * @throws AppError FILE_FAILED; USAGE when it is empty or far too large to be one
 */
export async function readSecretFile(io: Pick<Io, 'warn'>, path: string, what: string): Promise<string> {
  const { text, mode } = await readBounded(path, what);
  if (process.platform !== 'win32' && (mode & 0o044) !== 0) {
    io.warn(
      `${quoted(path)} can be read by other users of this computer. Make it yours alone: chmod 600 ${visible(shellWord(path))}`,
    );
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '')
    throw new AppError('USAGE', `The file for the ${what}, ${quoted(path)}, is empty.`, {
      notChanged: 'Nothing was done.',
      remedy: `Write the ${what} into it, and nothing else.`,
    });
  return secret;
}

async function readBounded(path: string, what: string): Promise<{ text: string; mode: number }> {
  try {
    await using file = await open(path, 'r');
    const { mode } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES + 1), 0, MOST_BYTES + 1, null);
    if (bytesRead > MOST_BYTES)
      throw new AppError('USAGE', `The file for the ${what}, ${quoted(path)}, is larger than 64 kB.`, {
        notChanged: 'Nothing was done.',
        remedy: `Name a file that holds the ${what} and nothing else.`,
      });
    return { text: buffer.toString('utf8', 0, bytesRead), mode };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new AppError(
      'FILE_FAILED',
      `The file for the ${what}, ${quoted(path)}, could not be read${code === undefined ? '' : ` (${code})`}.`,
      {
        notChanged: 'Nothing was done.',
        remedy: 'Check that the file exists and that you may read it.',
        cause: error,
      },
    );
  }
}
