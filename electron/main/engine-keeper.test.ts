import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FromEngine, ToEngine } from '../engine/messages.ts';
import type { EngineEvents } from './engine-host.ts';
import { EngineKeeper } from './engine-keeper.ts';

interface FakeEngine {
  readonly events: EngineEvents;
  readonly told: ToEngine['kind'][];
  killed: boolean;
}

const engines: FakeEngine[] = [];
let cannotStart: Error | undefined;
// Electron's processes cannot be had here; the real ones are in test/e2e/electron-jobs.e2e.ts.
vi.mock('./engine-host.ts', () => ({
  startEngine: (_args: readonly string[], events: EngineEvents) => {
    if (cannotStart) throw cannotStart;
    const engine: FakeEngine = { events, told: [], killed: false };
    engines.push(engine);
    return {
      pid: engines.length,
      connect: () => ({ start: () => {}, addEventListener: () => {}, postMessage: () => {} }),
      tell: ({ kind }: ToEngine) => engine.told.push(kind),
      kill: () => {
        engine.killed = true;
      },
    };
  },
}));

const seen = { ready: 0, lost: 0, running: [] as number[], hopeless: [] as string[], retry: () => {} };
let keeper: EngineKeeper;

beforeEach(() => {
  vi.useFakeTimers();
  engines.length = 0;
  cannotStart = undefined;
  Object.assign(seen, { ready: 0, lost: 0, running: [], hopeless: [] });
  keeper = new EngineKeeper([], {
    onReady: () => seen.ready++,
    onLost: () => seen.lost++,
    onRunning: (jobs) => seen.running.push(jobs),
    onWarning: () => {},
    onHopeless: (reason, retry) => {
      seen.hopeless.push(reason);
      seen.retry = retry;
    },
  });
});
afterEach(() => void vi.useRealTimers());

function hear(message: FromEngine): void {
  engines.at(-1)!.events.onMessage(message);
}

/** What runs, as the keeper says when it waited so long for an engine that does not answer. Milliseconds. */
async function runningAfter(milliseconds: number): Promise<number | undefined> {
  let jobs: number | undefined;
  void keeper.askRunningJobs().then((asked) => (jobs = asked));
  await vi.advanceTimersByTimeAsync(milliseconds);
  return jobs;
}

function end(code: number | null = 1): void {
  engines.at(-1)!.events.onExit(code);
}

it('starts an engine that was lost again, tells of it once, and knows no job of it any more', async () => {
  keeper.start();
  expect(keeper.connect()).toBeUndefined();
  hear({ kind: 'ready' });
  hear({ kind: 'running', jobs: 2 });
  expect([await runningAfter(1_000), seen.ready]).toEqual([2, 1]);
  end(null);
  expect([await runningAfter(0), keeper.client, keeper.connect()]).toEqual([0, undefined, undefined]);
  expect(seen).toMatchObject({ lost: 1, running: [2, 0] });
  vi.advanceTimersByTime(200);
  expect(engines).toHaveLength(2);
  hear({ kind: 'ready' });
  expect(seen).toMatchObject({ ready: 2, lost: 1, hopeless: [] });
});

it('gives up one that never comes up, with its last words, until somebody wants it tried again', () => {
  keeper.start();
  for (const wait of [200, 500, 1_000, 3_000, 10_000]) {
    engines.at(-1)!.events.onComplaint('no such library\n');
    end();
    vi.advanceTimersByTime(wait - 1);
    const before = engines.length;
    vi.advanceTimersByTime(1);
    expect(engines.length).toBe(before + 1);
  }
  engines.at(-1)!.events.onComplaint('no such library\n');
  end();
  expect(seen).toMatchObject({ hopeless: ['no such library'], lost: 0 });
  vi.advanceTimersByTime(60_000);
  expect(engines).toHaveLength(6);
  seen.retry();
  expect(engines).toHaveLength(7);
  end(3);
  vi.advanceTimersByTime(200);
  expect(engines).toHaveLength(8);
});

it('says of one that cannot be started at all why', () => {
  cannotStart = new Error('there is no Node.js');
  keeper.start();
  expect(seen.hopeless).toEqual(['there is no Node.js']);
});

it('counts anew what fails after it has worked for a minute', () => {
  keeper.start();
  for (let day = 0; day < 10; day++) {
    hear({ kind: 'ready' });
    vi.advanceTimersByTime(60_000);
    end();
    vi.advanceTimersByTime(200);
  }
  expect(engines).toHaveLength(11);
  expect(seen).toMatchObject({ lost: 10, hopeless: [] });
});

it('closes when the engine is gone, and starts none after that', async () => {
  keeper.start();
  hear({ kind: 'ready' });
  const closed = vi.fn();
  void keeper.close().then(closed);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(engines[0]!.told).toContain('close');
  expect(closed).not.toHaveBeenCalled();
  end(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(closed).toHaveBeenCalled();
  expect(engines).toHaveLength(1);
  expect(seen.lost).toBe(0);
});

it('ends one that has not come up yet', async () => {
  keeper.start();
  const closed = keeper.close();
  expect(engines[0]).toMatchObject({ killed: true, told: [] });
  end(null);
  await closed;
});

it('closes at once while there is none, and the next one is not started', async () => {
  keeper.start();
  hear({ kind: 'ready' });
  end(1);
  await keeper.close();
  vi.advanceTimersByTime(60_000);
  expect(engines).toHaveLength(1);
});
