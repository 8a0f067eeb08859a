import { expect, test } from 'vitest';
import { serviceFile } from './service-file.ts';

const unit = (catalog: string, program: readonly string[]) => {
  const { text } = serviceFile('systemd', { catalog, program, timeZone: 'UTC' }).file;
  const line = (name: string) =>
    text
      .split('\n')
      .find((one) => one.startsWith(`${name}=`))!
      .slice(name.length + 1);
  return { environment: line('Environment'), command: line('ExecStart') };
};

test('in a unit’s variables a dollar is a dollar; a per cent sign, quotes and backslashes are escaped', () => {
  const { environment } = unit(String.raw`/srv/a b%h $HOME c'd"e\f`, ['/usr/bin/node']);
  expect(environment).toBe(String.raw`"DRAWBRIDGE_CATALOG=/srv/a b%%h $HOME c'd\"e\\f"`);
  expect(unit('/srv/$x', ['/usr/bin/node']).environment).toBe('DRAWBRIDGE_CATALOG=/srv/$x');
});

test('in a unit’s command a dollar is doubled, but for the program’s path, where it is none', () => {
  const { command } = unit('/c', ['/opt/$x %h/node', '/opt/$x %h/drawbridge.mjs', ';']);
  expect(command).toBe('"/opt/$x %%h/node" "/opt/$$x %%h/drawbridge.mjs" ";" schedule run');
});

test('a program whose path systemd would refuse is started by a shell', () => {
  const { command } = unit('/c', [String.raw`/opt/it's $x/node`, 'a\nb']);
  expect(command).toBe(
    String.raw`/bin/sh -c 'exec "$$0" "$$@"' "/opt/it's $$x/node" "a\u000ab" schedule run`,
  );
});
