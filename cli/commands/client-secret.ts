import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';
import { quoted } from '../render/visible.ts';
import { readSecretFile } from '../secret-file.ts';
import { askHidden } from '../terminal/prompt.ts';

export interface SecretPlace {
  readonly clientSecretEnv?: string;
  readonly clientSecretFile?: string;
}

/**
 * The client's secret, never from the command line itself: process arguments can be read by every user of the machine.
 *
 * @throws AppError USAGE when nothing was named and nobody can be asked
 */
export async function clientSecret(io: Io, place: SecretPlace): Promise<string> {
  if (place.clientSecretEnv !== undefined) return fromVariable(io, place.clientSecretEnv);
  if (place.clientSecretFile !== undefined) {
    return readSecretFile(io, place.clientSecretFile, 'client secret');
  }
  const typed = io.interactive ? await askHidden(io, 'Client secret: ') : '';
  if (typed !== '') return typed;
  throw new AppError('USAGE', 'The client’s secret is missing.', {
    notChanged: 'No environment was added.',
    remedy:
      'Name the environment variable that holds it (--client-secret-env VAR) or the file (--client-secret-file F).',
  });
}

function fromVariable(io: Io, variable: string): string {
  const secret = io.surroundings.env[variable];
  if (secret) return secret;
  throw new AppError(
    'USAGE',
    `The environment variable ${quoted(variable)} is ${secret === undefined ? 'not set' : 'empty'}.`,
    {
      notChanged: 'No environment was added.',
      remedy: 'Put the client’s secret into that variable (and export it), or use --client-secret-file.',
    },
  );
}
