import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { readLog, refuseBrokenLog } from './write-ahead-log.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
  file = join(folder, 'catalog.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another process, as far as files go: writes as fast as it can, and begins the log anew all the time. */
const WRITER = `
  const { workerData, parentPort } = require('node:worker_threads');
  const Database = require('better-sqlite3');
  const db = new Database(workerData.file);
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = ' + workerData.checkpoint);
  db.pragma('synchronous = OFF');
  db.exec('CREATE TABLE IF NOT EXISTS t (x BLOB)');
  const insert = db.prepare('INSERT INTO t VALUES (randomblob(30000))');
  const clear = db.prepare('DELETE FROM t');
  parentPort.postMessage('ready');
  for (const end = Date.now() + workerData.milliseconds; Date.now() < end; ) {
    for (let i = 0; i < 20; i++) insert.run();
    clear.run();
  }
  db.close();
  parentPort.postMessage('done');
`;

it('never takes a log that is being written for a damaged one', async () => {
  const over = new AbortController();
  const worker = new Worker(WRITER, { eval: true, workerData: { file, checkpoint: 12, milliseconds: 2500 } });
  const ready = new Promise((resolve) => worker.once('message', resolve));
  worker.on('exit', () => over.abort());
  await ready;
  let readings = 0;
  for (; !over.signal.aborted; readings++) {
    await refuseBrokenLog(file);
    await new Promise(setImmediate);
  }
  expect(readings).toBeGreaterThan(20);
});

it('reads every frame of a log, and finds none where there is none', () => {
  expect(readLog(file)).toEqual({ pageBytes: 0, frames: [] });
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE t (x)');
  for (let i = 0; i < 5; i++) db.exec(`INSERT INTO t VALUES (randomblob(5000))`);
  const { frames, damage, pageBytes } = readLog(file);
  expect([pageBytes, damage]).toEqual([4096, undefined]);
  expect(frames.every(({ whole }) => whole)).toBe(true);
  // One transaction to lay out the table, and five more.
  expect(frames.filter(({ pagesAfter }) => pagesAfter > 0)).toHaveLength(6);
  expect(frames.at(-1)!.pagesAfter).toBe(Number(db.pragma('page_count', { simple: true })));
  db.close();
  expect(readLog(file)).toEqual({ pageBytes: 0, frames: [] });
});
