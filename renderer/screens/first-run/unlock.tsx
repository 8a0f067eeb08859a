import { useWorkspace } from '../../shell/workspace-context.ts';
import { CatalogFailed } from './catalog-failed.tsx';
import { CatalogLocked } from './catalog-locked.tsx';

/** A catalog that is there and not open. What was typed to one, and what it was refused with, is not another one's. */
export function Unlock() {
  const { state, dir } = useWorkspace();
  return state === 'failed' ? <CatalogFailed key={dir} /> : <CatalogLocked key={dir} />;
}
