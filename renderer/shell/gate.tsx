import { useState } from 'react';
import { useConnection, useWatch } from '../client/use-client.tsx';
import { FirstRun } from '../screens/first-run/first-run.tsx';
import { Unlock } from '../screens/first-run/unlock.tsx';
import { Frame } from './frame.tsx';
import { Moving } from './moving.tsx';
import { Opening } from './opening.tsx';
import { useForgetting } from './use-forgetting.ts';
import { WorkspaceContext } from './workspace-context.ts';

/** Which of the three a window shows: no catalog yet, one that is locked, or the program itself. */
export function Gate() {
  const { latest: workspace, error } = useWatch('workspace', (client, signal) =>
    client.workspace.watch(undefined, { signal }),
  );
  const isConnected = useConnection().state === 'connected';
  const [firstRun, setFirstRun] = useState(false);
  const isForgotten = useForgetting(workspace?.state === 'open' ? workspace.dir : undefined);
  if (!workspace) return <Opening error={isConnected ? error : undefined} />;
  if (workspace.moving) return <Moving moving={workspace.moving} />;
  const { state } = workspace;
  // A first run goes on when its catalog is made, until it is finished; a catalog that is found in its place ends it.
  const begins = state === 'absent' && !firstRun;
  const isOver = firstRun && (state === 'locked' || state === 'failed');
  if (begins || isOver) setFirstRun(begins);
  return (
    <WorkspaceContext value={workspace}>
      {state === 'absent' || (state === 'open' && firstRun) ? (
        <FirstRun onFinished={() => setFirstRun(false)} />
      ) : state === 'open' ? (
        isForgotten ? (
          <Frame />
        ) : (
          <Opening />
        )
      ) : (
        <Unlock />
      )}
    </WorkspaceContext>
  );
}
