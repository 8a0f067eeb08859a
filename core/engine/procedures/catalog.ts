import type { Catalog } from '../../catalog/index.ts';
import { catalogStats } from '../catalog-stats.ts';
import { implementer } from '../implementer.ts';

export function catalogProcedures(catalog: Catalog) {
  const procedures = implementer.catalog;
  return {
    stats: procedures.stats.handler(({ signal }) => catalogStats(catalog, signal)),
    settings: procedures.settings.handler(() => catalog.keeping.get()),
    changeSettings: procedures.changeSettings.handler(({ input }) => catalog.keeping.change(input)),
  };
}
