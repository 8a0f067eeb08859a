import { Route, Switch } from 'wouter';
import { AddEnvironment, EditEnvironment } from './environment-editor.tsx';
import { EnvironmentDetail } from './environment-detail.tsx';
import { EnvironmentList } from './environment-list.tsx';

export default function Environments() {
  return (
    <Switch>
      <Route path="/environments" component={EnvironmentList} />
      {/* No environment can be called so; one may be called “new”. */}
      <Route path="/environments/_new" component={AddEnvironment} />
      <Route path="/environments/:name/edit">
        {({ name }) => <EditEnvironment key={name} name={decodeURIComponent(name)} />}
      </Route>
      <Route path="/environments/:name">
        {({ name }) => <EnvironmentDetail key={name} name={decodeURIComponent(name)} />}
      </Route>
    </Switch>
  );
}
