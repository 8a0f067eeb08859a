import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitted, readWindowState, writeWindowState } from './window-state.ts';

const SCREEN = { x: 0, y: 25, width: 1920, height: 1055 };
const SECOND = { x: 1920, y: 0, width: 1280, height: 1024 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-state-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('comes back as it was written, readable by its user alone', () => {
  const file = join(folder, 'new/state.json');
  const state = { x: 10, y: 30, width: 1200, height: 700, maximized: true };
  writeWindowState(file, state);
  expect(readWindowState(file)).toEqual(state);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.each(['', 'null', '[]', '{"width":"x","height":1}', '{"width":1e999,"height":2}'])(
  'is the usual one where the file holds %j',
  (text) => {
    const file = join(folder, 'state.json');
    writeFileSync(file, text);
    expect(readWindowState(file)).toEqual({ width: 1280, height: 800, maximized: false });
  },
);

it('stays on the second screen while there is one, and goes to the first when it is gone', () => {
  const state = { x: 2000, y: 100, width: 1100, height: 700, maximized: false };
  expect(fitted(state, [SCREEN, SECOND])).toEqual(state);
  expect(fitted(state, [SCREEN])).toEqual({ width: 1100, height: 700, maximized: false });
});

it('is not larger than its screen, and not smaller than the page needs', () => {
  expect(fitted({ width: 5000, height: 5000, maximized: false }, [SCREEN])).toMatchObject({
    width: 1920,
    height: 1055,
  });
  expect(fitted({ width: 10, height: 10, maximized: false }, [SCREEN])).toMatchObject({
    width: 1000,
    height: 640,
  });
});

it('leaves a place of which only a corner could be taken hold of', () => {
  for (const place of [
    { x: 1900, y: 100 },
    { x: -1200, y: 100 },
    { x: 100, y: 1070 },
    { x: 100, y: -200 },
  ])
    expect(fitted({ ...place, width: 1280, height: 800, maximized: false }, [SCREEN])).not.toHaveProperty(
      'x',
    );
});
