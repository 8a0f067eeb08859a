import { Stack } from '@mantine/core';
import { CatalogCopy } from './catalog-copy.tsx';
import { CatalogCosts } from './catalog-costs.tsx';
import { CatalogPlace } from './catalog-place.tsx';
import { Keeping } from './keeping.tsx';
import { Trash } from './trash.tsx';
import { VerifyAll } from './verify-all.tsx';

/** Where the catalog is, what it costs, and what keeps it whole. */
export function Storage() {
  return (
    <Stack gap="lg">
      <CatalogPlace />
      <CatalogCosts />
      <CatalogCopy />
      <VerifyAll />
      <Keeping />
      <Trash />
    </Stack>
  );
}
