import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { Empty } from '../../design/empty.tsx';
import { Page } from '../../design/page.tsx';

export function NoSuchEnvironment({ name }: { name: string }) {
  return (
    <Page title={name}>
      <Empty
        title="There is no environment of this name"
        actions={
          <Button component={Link} href="/environments">
            All environments
          </Button>
        }
      >
        It may have been removed meanwhile. Its snapshots stay in the catalog.
      </Empty>
    </Page>
  );
}
