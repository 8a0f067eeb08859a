import { Route, Switch } from 'wouter';
import { Snapshot } from './snapshot.tsx';
import { Timelines } from './timelines.tsx';
import { Trash } from './trash.tsx';

export default function Snapshots() {
  return (
    <Switch>
      <Route path="/snapshots">
        <Timelines />
      </Route>
      <Route path="/snapshots/trash">
        <Trash />
      </Route>
      <Route path="/snapshots/:id">{({ id }) => <Snapshot key={id} id={id} />}</Route>
    </Switch>
  );
}
