import { Text } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../client/use-client.tsx';
import { bytes, count, counted, momentText } from '../../design/moments.ts';
import { chartShape, type ChartPoint } from './chart-shape.ts';
import classes from './realm-chart.module.css';

const AREA = { width: 300, sizeHeight: 34, changeHeight: 34 };
const HEIGHT = AREA.sizeHeight + AREA.changeHeight + 14;
/** A backup is told by the screen's refreshing; one that was taken elsewhere may show later. Milliseconds. */
const HOLDS = 60_000;
/** What takes longer to count is gone on with when it is asked for again. Milliseconds. */
const ASK_AGAIN = 2_000;

/** How large the latest backups of a realm are, and what changed from each to the next. The same as a table for those who want it. */
export function RealmChart({ environment, realm }: { environment: string; realm: string }) {
  const api = useApi();
  const [asTable, setAsTable] = useState(false);
  // A catalog of many realms counts what one looks at.
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const neighbours = useQuery({
    ...api.engine.snapshots.neighbours.queryOptions({ input: { environment, realm } }),
    enabled: inViewport,
    staleTime: HOLDS,
    refetchInterval: ({ state }) => (state.data?.some(({ pending }) => pending) ? ASK_AGAIN : false),
  });
  if (neighbours.error) return null;
  if (!neighbours.data) return <div ref={ref} className={classes.chart} aria-busy={neighbours.isFetching} />;
  const points: ChartPoint[] = neighbours.data.map(({ snapshot, finishedAt, bytes: size, changes }) => ({
    snapshot,
    at: finishedAt,
    bytes: size,
    changed: changes ?? undefined,
  }));
  if (points.length < 2) return null;
  return (
    <div ref={ref} className={classes.chart}>
      {asTable ? <ChartTable points={points} /> : <Drawing points={points} />}
      <button
        type="button"
        className={classes.toggle}
        onClick={() => setAsTable(!asTable)}
        aria-pressed={asTable}
      >
        {asTable ? 'Show the chart' : 'Show as a table'}
      </button>
    </div>
  );
}

function Drawing({ points }: { points: readonly ChartPoint[] }) {
  const { line, dots, bars, middle } = chartShape(points, AREA);
  const last = points.at(-1)!;
  return (
    <figure className={classes.figure}>
      <svg
        viewBox={`0 0 ${AREA.width} ${HEIGHT}`}
        width={AREA.width}
        height={HEIGHT}
        role="img"
        aria-label={`${summary(points)} The table says it in numbers.`}
      >
        <path d={line} className={classes.size} />
        {dots.map((dot, nth) => (
          <circle
            key={points[nth]!.snapshot}
            cx={dot.x}
            cy={dot.y}
            r={nth === dots.length - 1 ? 2.6 : 1.4}
            className={classes.dot}
          />
        ))}
        <line x1={0} x2={AREA.width} y1={middle} y2={middle} className={classes.middle} />
        {bars.map(({ x, width, parts }) =>
          parts.map(({ kind, y, height }) => (
            <rect key={`${x} ${kind}`} x={x} y={y} width={width} height={height} className={classes[kind]} />
          )),
        )}
        {points.map((point, nth) => (
          <rect
            key={point.snapshot}
            x={(AREA.width / points.length) * nth}
            y={0}
            width={AREA.width / points.length}
            height={HEIGHT}
            className={classes.ask}
          >
            <title>{pointText(point)}</title>
          </rect>
        ))}
      </svg>
      <figcaption>
        <Text size="xs" c="dimmed">
          {bytes(last.bytes)} · {last.changed ? changeText(last.changed) : 'not compared'} in the latest
        </Text>
      </figcaption>
    </figure>
  );
}

function ChartTable({ points }: { points: readonly ChartPoint[] }) {
  return (
    // It scrolls: whoever has no mouse must get into it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scrolled} tabIndex={0} role="region" aria-label="The backups as a table">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Backup</th>
            <th scope="col">Size</th>
            <th scope="col">Added</th>
            <th scope="col">Changed</th>
            <th scope="col">Removed</th>
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map(({ snapshot, at, bytes: size, changed }) => (
            <tr key={snapshot}>
              <th scope="row">{momentText(at)}</th>
              <td>{bytes(size)}</td>
              <td>{changed ? count(changed.added) : '–'}</td>
              <td>{changed ? count(changed.changed) : '–'}</td>
              <td>{changed ? count(changed.removed) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function summary(points: readonly ChartPoint[]): string {
  const [first, last] = [points[0]!, points.at(-1)!];
  return `Size and changes of the last ${counted(points.length, 'whole backup')}: from ${bytes(first.bytes)} to ${bytes(last.bytes)}.`;
}

function pointText({ at, bytes: size, changed }: ChartPoint): string {
  return `${momentText(at)}: ${bytes(size)}${changed ? `, ${changeText(changed)}` : ''}`;
}

function changeText({ added, changed, removed }: NonNullable<ChartPoint['changed']>): string {
  if (added + changed + removed === 0) return 'nothing changed';
  return [
    ...(added > 0 ? [`${count(added)} added`] : []),
    ...(changed > 0 ? [`${count(changed)} changed`] : []),
    ...(removed > 0 ? [`${count(removed)} removed`] : []),
  ].join(', ');
}
