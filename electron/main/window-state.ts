import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a window was; without a place of its own the system chooses one. */
export interface WindowState {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly maximized: boolean;
}

export const SMALLEST = { width: 1000, height: 640 };
const USUAL: WindowState = { width: 1280, height: 800, maximized: false };

/** A small file that need not be there; one that cannot be understood counts as not there. */
export function readWindowState(file: string): WindowState {
  try {
    const { x, y, width, height, maximized } = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      unknown
    >;
    if (!isNumber(width) || !isNumber(height)) return USUAL;
    return { width, height, maximized: maximized === true, ...(isNumber(x) && isNumber(y) && { x, y }) };
  } catch {
    return USUAL;
  }
}

/** @throws Error when it cannot be written: nothing but the place of a window is lost */
export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(state)}\n`, { mode: 0o600 });
}

/**
 * The state as it can be had on the screens that there are now: one that was unplugged must not take a window with it, and a
 * window is not larger than its screen.
 */
export function fitted(state: WindowState, screens: readonly Place[]): WindowState {
  const { x, y, maximized } = state;
  const screen =
    x !== undefined && y !== undefined && screens.find((area) => shows(area, { ...state, x, y }));
  const area = screen || screens[0];
  const width = Math.max(SMALLEST.width, Math.min(Math.round(state.width), area?.width ?? state.width));
  const height = Math.max(SMALLEST.height, Math.min(Math.round(state.height), area?.height ?? state.height));
  return { width, height, maximized, ...(screen && { x, y }) };
}

/** Whether enough of a window's upper edge is on it to take hold of. */
function shows(area: Place, { x, y, width }: Place): boolean {
  const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return visible >= 120 && y >= area.y - 10 && y <= area.y + area.height - 60;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
