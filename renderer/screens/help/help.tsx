import { Route, Switch } from 'wouter';
import { ErrorPage } from './error-page.tsx';
import { Errors } from './errors.tsx';
import { HelpHome } from './help-home.tsx';
import { Keys } from './keys.tsx';
import { Routes } from './routes.tsx';

/** What one needs to know, without leaving the program. */
export default function Help() {
  return (
    <Switch>
      <Route path="/help/errors/:code">{({ code }) => <ErrorPage code={code} />}</Route>
      <Route path="/help/errors" component={Errors} />
      <Route path="/help/keys" component={Keys} />
      <Route path="/help/routes" component={Routes} />
      <Route component={HelpHome} />
    </Switch>
  );
}
