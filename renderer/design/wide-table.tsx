import { ScrollArea, type MantineSpacing } from '@mantine/core';
import { useResizeObserver } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** Around a table: where there is less room than it needs it scrolls by itself, by keyboard too, and shows that it does. */
export function WideTable({
  minWidth,
  mt,
  children,
}: {
  /** Pixels. */
  minWidth: number;
  mt?: MantineSpacing;
  children: ReactNode;
}) {
  const [viewport, { width }] = useResizeObserver<HTMLDivElement>();
  const scrolls = width > 0 && width < minWidth;
  return (
    <ScrollArea
      type="auto"
      offsetScrollbars="x"
      scrollbarSize={10}
      viewportRef={viewport}
      viewportProps={{ tabIndex: scrolls ? 0 : -1 }}
      {...(mt !== undefined && { mt })}
    >
      <div style={{ minWidth }}>{children}</div>
    </ScrollArea>
  );
}
