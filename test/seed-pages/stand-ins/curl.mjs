// What the documentation's commands need of curl, for machines that have none: -s -f -X -H -d (also @file) -o.
import { readFile, writeFile } from 'node:fs/promises';

const options = { headers: new Headers(), data: [], silent: false, fail: false };
const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (!word.startsWith('-')) options.url = word;
  else
    for (const letter of word.slice(1)) {
      if (letter === 's') options.silent = true;
      else if (letter === 'f') options.fail = true;
      else await takeValue(letter, words.shift());
    }
}

async function takeValue(letter, value) {
  if (letter === 'X') options.method = value;
  else if (letter === 'o') options.output = value;
  else if (letter === 'H') options.headers.set(...value.split(/:\s*/, 2));
  // As curl does, line breaks of a file are left out.
  else if (letter === 'd') options.data.push(value.startsWith('@') ? await fileData(value.slice(1)) : value);
  else throw new Error(`this stand-in for curl does not know -${letter}`);
}

async function fileData(path) {
  return (await readFile(path, 'utf8')).replace(/[\r\n]/g, '');
}

const body = options.data.length > 0 ? options.data.join('&') : undefined;
if (body !== undefined && !options.headers.has('content-type'))
  options.headers.set('content-type', 'application/x-www-form-urlencoded');
const method = options.method ?? (body === undefined ? 'GET' : 'POST');
const answer = await fetch(options.url, { method, headers: options.headers, body });
const bytes = Buffer.from(await answer.arrayBuffer());
if (options.fail && answer.status >= 400) process.exit(22);
if (options.output) await writeFile(options.output, bytes);
else process.stdout.write(bytes);
// The tests ask for it by CURL_HOME/.curlrc: write-out = "\n%{http_code}".
if (process.env['CURL_HOME']) process.stdout.write(`\n${answer.status}`);
