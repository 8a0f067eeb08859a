import { createContext, useContext } from 'react';
import type { WorkspaceView } from '../../contract/workspace.ts';

export const WorkspaceContext = createContext<WorkspaceView | undefined>(undefined);

/** The catalog that this window looks at. */
export function useWorkspace(): WorkspaceView {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error('There is no workspace around this component.');
  return workspace;
}
