import { Button } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { Empty } from '../design/empty.tsx';
import { Page } from '../design/page.tsx';
import { SCREENS } from './screens.tsx';

/** An address that leads nowhere, and the way to the screen that it lies below. */
export function NoSuchScreen() {
  const [location] = useLocation();
  const near = SCREENS.find(({ path }) => location.startsWith(`${path}/`)) ?? SCREENS[0]!;
  return (
    <Page title="Nothing here">
      <Empty
        title="There is no such screen"
        actions={
          <Button component={Link} href={near.path}>
            Go to {near.name}
          </Button>
        }
      >
        The link that brought you here leads nowhere. Nothing was changed.
      </Empty>
    </Page>
  );
}
