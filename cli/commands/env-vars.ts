import { Option } from 'commander';

/** How the texts of a file that is a source are read. */
export interface FileFlags {
  readonly envVars?: boolean;
}

/** Off by default: a document that was exported may have a “${” in a text that means just that. */
export function envVarsOption(): Option {
  return new Option(
    '--env-vars',
    'in a file’s texts, ${NAME} and ${NAME:-text} stand for environment variables',
  );
}

/** The same as it is typed, to be repeated in a command that we suggest. */
export function fileWords({ envVars }: FileFlags): string[] {
  return envVars ? ['--env-vars'] : [];
}
