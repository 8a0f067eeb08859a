import type { Command } from 'commander';

export const SOURCE_HELP = `
A source is
  <env>/<realm>          the realm as it is now, read from the environment
  latest:<env>/<realm>   its newest whole backup
  <snapshot>             a snapshot's id, or the beginning of one
  ./file.json            an OpenGate export document`;

/** What a command's help ends with: longer explanations, and command lines as a newcomer may type them. */
export function examples(
  command: Command,
  lines: readonly string[],
  ...explanations: readonly string[]
): void {
  const shown = `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  command.addHelpText('after', [...explanations, shown].join('\n'));
}
