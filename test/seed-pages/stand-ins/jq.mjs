// What the documentation's commands need of jq, for machines that have none: `jq -r .member`.
import { text } from 'node:stream/consumers';

const [flag, filter] = process.argv.slice(2);
const member = /^\.(\w+)$/.exec(filter ?? '')?.[1];
if (flag !== '-r' || member === undefined) throw new Error('this stand-in for jq knows only -r .member');
const input = (await text(process.stdin)).trim();
if (input !== '') process.stdout.write(`${JSON.parse(input)[member] ?? 'null'}\n`);
