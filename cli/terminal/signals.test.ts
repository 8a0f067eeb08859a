import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Interruption } from './interruption.ts';
import { listenForSignals } from './signals.ts';

function listening(parent: { connected?: boolean; channel?: { unref(): void } } = {}) {
  const emitter = new EventEmitter();
  const said: string[] = [];
  const exits: number[] = [];
  const interruption = new Interruption();
  let now = 0;
  const source = { on: emitter.on.bind(emitter), exit: (code: number) => void exits.push(code), ...parent };
  listenForSignals(
    source,
    interruption,
    (line) => said.push(line),
    () => now,
  );
  const send = (signal: string, at: number): void => {
    now = at;
    emitter.emit(signal);
  };
  return { send, said, exits, interruption };
}

test('the first asks for a clean end, the second is answered, the third ends at once', () => {
  const { send, said, exits, interruption } = listening();
  send('SIGINT', 1000);
  expect([interruption.name, interruption.signal.aborted, said.length, exits]).toEqual([
    'SIGINT',
    true,
    1,
    [],
  ]);
  send('SIGINT', 2000);
  expect([said.length, exits]).toEqual([2, []]);
  send('SIGINT', 3000);
  expect(exits).toEqual([130]);
});

test('one press that arrives twice counts once', () => {
  const { send, said, exits } = listening();
  for (const at of [1000, 1003, 1200]) send('SIGINT', at);
  expect([said.length, exits]).toEqual([1, []]);
});

test('what asked first names the exit code of a clean end', () => {
  const { send, interruption, exits } = listening();
  send('SIGTERM', 0);
  send('SIGINT', 1000);
  send('SIGTERM', 2000);
  expect([interruption.name, exits]).toEqual(['SIGTERM', [143]]);
});

test('the death of the process that handed over to this one asks for a clean end, once, and keeps nobody alive', () => {
  let unrefs = 0;
  const { send, said, exits, interruption } = listening({
    connected: true,
    channel: { unref: () => void unrefs++ },
  });
  expect([unrefs, interruption.signal.aborted]).toEqual([1, false]);
  send('disconnect', 0);
  expect([interruption.name, said.length, exits]).toEqual(['SIGTERM', 1, []]);
  expect(listening({ connected: false }).interruption.name).toBe('SIGTERM');

  const told = listening({ connected: true });
  told.send('SIGINT', 0);
  told.send('disconnect', 1000);
  told.send('disconnect', 2000);
  expect([told.interruption.name, told.said.length, told.exits]).toEqual(['SIGINT', 1, []]);
});
