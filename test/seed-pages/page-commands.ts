/**
 * Finds the shell commands in the text of a documentation page. The text has no mark-up left: a command begins at a
 * line that calls curl, and ends where its line continuations, quotes and parentheses do. The heading that follows a
 * block of code stands right behind its last character ("…-users.jsonExport Format") and is cut off.
 */
export function curlCommands(page: string): string[] {
  const lines = page.split('\n');
  const commands: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (lines[at]?.startsWith('#!')) at += scriptLength(lines, at);
    if (!/^(?:\w+=\$\()?curl\s/.test(lines[at] ?? '')) continue;
    let command = lines[at] ?? '';
    while (isUnfinished(command) && at + 1 < lines.length) command += `\n${lines[++at]}`;
    commands.push(withoutHeading(command));
  }
  return commands;
}

/** The script on the page: from its `#!` line to the line that a heading runs into, or the end. */
export function shellScript(page: string): string {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith('#!'));
  if (start < 0) throw new Error('There is no script on this page.');
  return `${withoutHeading(lines.slice(start, start + scriptLength(lines, start)).join('\n'))}\n`;
}

/** The first JSON document on the page that is an object with this member. */
export function jsonExample(page: string, member: string): Record<string, unknown> {
  for (let start = page.indexOf('\n{\n'); start >= 0; start = page.indexOf('\n{\n', start + 1)) {
    const value = parsePrefix(page.slice(start + 1));
    if (value && member in value) return value;
  }
  throw new Error(`There is no JSON example with ${member} on this page.`);
}

/** The calls that the page's prose and tables name, as `GET /admin/realms/{realmId}/export`. */
export function namedCalls(page: string): { method: string; path: string }[] {
  return [...page.matchAll(/\b(GET|POST|PUT|DELETE) (\/[\w{}/-]+)/g)].map(([, method = '', path = '']) => ({
    method,
    path,
  }));
}

function scriptLength(lines: readonly string[], start: number): number {
  const end = lines.findIndex((line, index) => index > start && withoutHeading(line) !== line);
  return (end < 0 ? lines.length : end + 1) - start;
}

/** A capitalised phrase to the end of the text, with no space before it: nothing that a command ends with. */
function withoutHeading(text: string): string {
  return text.replace(/(?<=[a-z0-9"'})\]])[A-Z][a-z]+(?: [\w()/-]+)*$/, '');
}

function isUnfinished(command: string): boolean {
  if (/\\\s*$/.test(command)) return true;
  const single = (command.match(/'/g) ?? []).length;
  const double = (command.match(/"/g) ?? []).length;
  const opened = (command.match(/\$\(/g) ?? []).length;
  const closed = (command.match(/\)/g) ?? []).length;
  return single % 2 === 1 || (single === 0 && double % 2 === 1) || closed < opened;
}

function parsePrefix(text: string): Record<string, unknown> | undefined {
  for (let end = text.indexOf('\n}'); end >= 0; end = text.indexOf('\n}', end + 1)) {
    try {
      return JSON.parse(text.slice(0, end + 2)) as Record<string, unknown>;
    } catch (error) {
      // Not whole yet: a longer piece may be.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
