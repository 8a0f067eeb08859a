import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';
import { quoted } from '../render/visible.ts';
import { readSecretFile } from '../secret-file.ts';

/** Where a secret is, as flags name it: never on the command line itself, which every user of the machine can read. */
export interface SecretPlace {
  /** “client secret”, for messages. */
  readonly what: string;
  /** An environment variable. */
  readonly variable: string | undefined;
  readonly file: string | undefined;
}

/** @returns undefined when neither place is named. @throws AppError USAGE, FILE_FAILED */
export async function givenSecret(
  io: Io,
  { what, variable, file }: SecretPlace,
): Promise<string | undefined> {
  if (variable !== undefined) return fromVariable(io, variable, what);
  return file === undefined ? undefined : readSecretFile(io, file, what);
}

/** @throws AppError USAGE when the variable is not set, or empty */
export function fromVariable(io: Io, variable: string, what: string): string {
  const value = io.surroundings.env[variable];
  if (value) return value;
  throw new AppError(
    'USAGE',
    `The environment variable ${quoted(variable)} is ${value === undefined ? 'not set' : 'empty'}.`,
    {
      notChanged: 'Nothing was done.',
      remedy: `Put the ${what} into that variable, and export it.`,
    },
  );
}
