import { app } from 'electron';
import { wantedBy } from './command-line.ts';
import { runCommand } from './run-command.ts';
import { useOwnFolder } from './places.ts';
import { runWindows } from './run-windows.ts';

useOwnFolder();
const wanted = wantedBy(givenWords(), process.cwd());
if (wanted.kind === 'command') runCommand(wanted.words);
else runWindows(wanted);

/** In a checkout the first word is this file, given to Electron. */
function givenWords(): string[] {
  const words = process.argv.slice(1);
  if (app.isPackaged) return words;
  const program = words.findIndex((word) => !word.startsWith('-'));
  return words.filter((_, at) => at !== program);
}
