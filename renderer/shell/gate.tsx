import { useWatch } from '../client/use-client.tsx';
import { FirstRun } from '../screens/first-run/first-run.tsx';
import { Unlock } from '../screens/first-run/unlock.tsx';
import { Frame } from './frame.tsx';
import { Moving } from './moving.tsx';
import { Opening } from './opening.tsx';
import { WorkspaceContext } from './workspace-context.ts';

/** Which of the three a window shows: no catalog yet, one that is locked, or the program itself. */
export function Gate() {
  const { latest: workspace } = useWatch('workspace', (client, signal) =>
    client.workspace.watch(undefined, { signal }),
  );
  if (!workspace) return <Opening />;
  if (workspace.moving) return <Moving moving={workspace.moving} />;
  return (
    <WorkspaceContext value={workspace}>
      {workspace.state === 'open' ? <Frame /> : workspace.state === 'absent' ? <FirstRun /> : <Unlock />}
    </WorkspaceContext>
  );
}
