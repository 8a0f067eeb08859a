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
      {/* As it stands in the address: no name has a letter that an address would write in another way. */}
      <Route path="/environments/:name/edit">
        {({ name }) => <EditEnvironment key={name} name={name} />}
      </Route>
      <Route path="/environments/:name">{({ name }) => <EnvironmentDetail key={name} name={name} />}</Route>
    </Switch>
  );
}
