import { ERROR_HELP } from '../../contract/error-help.ts';
import { ERROR_CODES, type ErrorCode } from '../../contract/errors.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../../cli/exit-codes.ts';

const INTRODUCTION = `# What to do when …

Every error of Drawbridge has a code. The message beside it names the realm, the file or the server, and says what was not
changed and what to do next; this page says what lies behind the code. The windows show the same under *Help → Every error*.

- On the command line the code stands in front of the message: \`Error (TARGET_CHANGED): …\`, and \`drawbridge help TARGET_CHANGED\`
  prints what this page says of it. With \`--json\` it is \`{"error":{"code","message","notChanged","remedy"}}\`. The process ends with
  the exit code.
- Exit codes are for scripts ([what each says](../cli.md#exit-codes)). A process that was stopped by Ctrl-C ends with 130, by
  SIGTERM with 143.
- Whatever failed while a realm was written to: \`drawbridge job show <job>\` tells how far it came, \`drawbridge job resume <job>\`
  goes on, and \`drawbridge rollback <job>\` brings the realm back to the snapshot from the minute before.

This page is written by \`npm run docs\` from the program's own list of codes, and a test holds it against that list.
`;

const MEANING: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.failed]: 'failed',
  [EXIT.usage]: 'wrong usage',
  [EXIT.confirmationNeeded]: 'confirmation needed',
  [EXIT.environment]: 'environment unreachable or refused',
  [EXIT.targetChanged]: 'the target changed since the preview',
  [EXIT.itemFailures]: 'finished, but something failed',
  [EXIT.catalog]: 'the catalog or its key',
};

/** docs/guide/errors.md, whole. */
export function errorsPage(): string {
  return [INTRODUCTION, table(), ...ERROR_CODES.map(section)].join('\n');
}

function table(): string {
  const rows = ERROR_CODES.map((code) => `| [\`${code}\`](#${code.toLowerCase()}) | ${exitCodeOf(code)} |`);
  return ['| code | exit code |', '|---|---|', ...rows, ''].join('\n');
}

function section(code: ErrorCode): string {
  const { cause, remedy, notChanged } = ERROR_HELP[code];
  const exit = exitCodeOf(code);
  return [
    `## \`${code}\``,
    '',
    `Exit code ${exit} (${MEANING[exit]}).`,
    '',
    `**What it means, and what is behind it.** ${asMarkdown(cause)}`,
    '',
    `**What to do.** ${asMarkdown(remedy)}`,
    '',
    `**What was not changed.** ${asMarkdown(notChanged)}`,
    '',
  ].join('\n');
}

/** Of what the texts have, only `<` and `$` could mean something else. */
function asMarkdown(text: string): string {
  return text.replaceAll(/[<$]/g, '\\$&');
}
