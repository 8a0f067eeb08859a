import { useWorkspace } from '../../shell/workspace-context.ts';
import { CatalogFailed } from './catalog-failed.tsx';
import { CatalogLocked } from './catalog-locked.tsx';

/** A catalog that is there and not open. */
export function Unlock() {
  const { state } = useWorkspace();
  return state === 'failed' ? <CatalogFailed /> : <CatalogLocked />;
}
