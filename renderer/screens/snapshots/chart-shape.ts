/** One backup as the chart shows it. */
export interface ChartPoint {
  readonly snapshot: string;
  readonly at: string;
  readonly bytes: number;
  /** Undefined: there is none before it, or it is not known. */
  readonly changed:
    | { readonly added: number; readonly removed: number; readonly changed: number }
    | undefined;
}

export interface ChartShape {
  /** Of the size, from left to right, as a path's data. */
  readonly line: string;
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  /** What changed, from the middle up (added and changed) and down (removed). */
  readonly bars: readonly {
    readonly x: number;
    readonly width: number;
    readonly parts: readonly {
      readonly kind: 'added' | 'removed' | 'changed';
      readonly y: number;
      readonly height: number;
    }[];
  }[];
  readonly middle: number;
}

export interface ChartArea {
  readonly width: number;
  /** Of the upper part, which shows the size. */
  readonly sizeHeight: number;
  /** Of the lower one, which shows what changed. */
  readonly changeHeight: number;
}

const MARGIN = 4;
const GAP = 8;
/** A change of one record among a million is still seen. */
const LEAST = 1.5;

/** Where everything stands. Sizes begin at zero only where they differ much: else small changes would be no change. */
export function chartShape(points: readonly ChartPoint[], area: ChartArea): ChartShape {
  const step = (area.width - 2 * MARGIN) / Math.max(points.length, 1);
  const x = (nth: number): number => MARGIN + step * (nth + 0.5);
  const sizes = points.map(({ bytes }) => bytes);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const floor = least > most * 0.8 ? least - (most - least) - most * 0.02 : 0;
  const y = (bytes: number): number =>
    MARGIN + (area.sizeHeight - 2 * MARGIN) * (1 - (bytes - floor) / Math.max(most - floor, 1));
  const dots = points.map(({ bytes }, nth) => ({ x: x(nth), y: y(bytes) }));
  const highest = Math.max(
    1,
    ...points.map(({ changed }) => (changed ? changed.added + changed.changed : 0)),
  );
  const deepest = Math.max(0, ...points.map(({ changed }) => changed?.removed ?? 0));
  const top = area.sizeHeight + GAP;
  const middle = top + (area.changeHeight * highest) / (highest + deepest);
  const scale = (number: number): number =>
    number === 0 ? 0 : Math.max(LEAST, (area.changeHeight * number) / (highest + deepest));
  const width = Math.max(1, Math.min(10, step * 0.6));
  const bars = points.flatMap(({ changed }, nth) => {
    if (!changed) return [];
    const [up, over, down] = [scale(changed.changed), scale(changed.added), scale(changed.removed)];
    return [
      {
        x: x(nth) - width / 2,
        width,
        parts: [
          { kind: 'changed' as const, y: middle - up, height: up },
          { kind: 'added' as const, y: middle - up - over, height: over },
          { kind: 'removed' as const, y: middle, height: down },
        ].filter(({ height }) => height > 0),
      },
    ];
  });
  return {
    line: dots.map((dot, nth) => `${nth === 0 ? 'M' : 'L'}${dot.x.toFixed(1)} ${dot.y.toFixed(1)}`).join(''),
    dots,
    bars,
    middle,
  };
}
