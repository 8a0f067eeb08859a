import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readDocument } from '../../core/formats/document-reader.ts';

/**
 * One reading of one document, in a process of its own so that its peak memory is its own:
 * `node contender.ts reader|json-parse <file>`. Prints one line of JSON: users, seconds, CPU seconds, peak resident set in bytes.
 */
const CONTENDERS: Readonly<Record<string, (path: string) => Promise<number>>> = {
  async reader(path) {
    const reading = readDocument(createReadStream(path), { origin: 'server' });
    let records = 0;
    for await (const batch of reading.batches) records += batch.records.length;
    return reading.facts().counts.users ?? records;
  },
  async 'json-parse'(path) {
    const document = JSON.parse(await readFile(path, 'utf8')) as { users: unknown[] };
    return document.users.length;
  },
};

const [name = '', path = ''] = process.argv.slice(2);
const read = CONTENDERS[name];
if (read === undefined) throw new Error(`no contender “${name}”`);
const began = performance.now();
const users = await read(path);
const seconds = (performance.now() - began) / 1000;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
console.log(JSON.stringify({ users, seconds, cpuSeconds, peakBytes: maxRSS * 1024 }));
