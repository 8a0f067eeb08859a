import { NavLink } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { Suspense, useEffect } from 'react';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { useConnection, useHost } from '../client/use-client.tsx';
import { ScreensContext } from '../design/reach.ts';
import { Mark } from '../design/mark.tsx';
import { Page, Waiting } from '../design/page.tsx';
import { BackupProvider } from '../features/backup/backup-context.tsx';
import { Boundary } from './boundary.tsx';
import { Banner } from './banner.tsx';
import classes from './frame.module.css';
import { useHashPath, useHashQuery } from './hash-location.ts';
import { NoSuchScreen } from './no-such-screen.tsx';
import { Palette } from './palette.tsx';
import { ROUTES, SCREENS } from './screens.tsx';

/** The program: navigation at the left, a screen at the right. */
export function Frame() {
  return (
    <Router hook={useHashPath} searchHook={useHashQuery}>
      <ScreensContext value>
        <BackupProvider>
          <div className={classes.frame}>
            <a
              className={classes.skip}
              href="#main"
              onClick={(event) => {
                event.preventDefault();
                document.getElementById('main')?.focus();
              }}
            >
              Skip to the screen
            </a>
            <Rail />
            <main id="main" tabIndex={-1} className={classes.main}>
              <Banner />
              <div className={classes.screen}>
                <Screens />
              </div>
            </main>
            <Palette />
          </div>
        </BackupProvider>
      </ScreensContext>
    </Router>
  );
}

function Rail() {
  const [location, navigate] = useLocation();
  const host = useHost();
  const connected = useConnection().state === 'connected';
  useHotkeys(
    SCREENS.filter(({ key }) => key).map(({ key, path }) => [`mod+${key}`, () => navigate(path)]),
    [],
  );
  useEffect(() => host.onCommand((command) => runCommand(command, navigate)), [host, navigate]);
  return (
    <nav className={classes.rail} aria-label="Screens">
      <div className={classes.brand}>
        <Mark />
        <span>Drawbridge</span>
      </div>
      {SCREENS.map(({ path, name, icon: Icon }) => {
        const active = path === '/' ? location === '/' : location.startsWith(path);
        return (
          <NavLink
            key={path}
            component={Link}
            href={path}
            label={name}
            active={active}
            aria-current={active ? 'page' : undefined}
            leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
            classNames={{ root: classes.entry ?? '', label: classes.label ?? '' }}
          />
        );
      })}
      <div className={classes.state} role="status">
        {connected ? '' : 'Connecting again …'}
      </div>
    </nav>
  );
}

/** `go:/jobs` is a way, `open:/home/x/prod.tar.zst.age` a file that was opened with Drawbridge, `palette` the list of ways. */
function runCommand(command: string, navigate: (path: string) => void): void {
  const [, verb, argument = ''] = /^([a-z]+)(?::(.*))?$/s.exec(command) ?? [];
  if (verb === 'go') navigate(argument);
  else if (verb === 'open') navigate(`/migrate?source=${encodeURIComponent(argument)}`);
  else if (verb === 'palette') spotlight.open();
}

function Screens() {
  const [location] = useLocation();
  // After a way by keyboard the reader begins at the new screen, not where the old one was left.
  useEffect(
    () => document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true }),
    [location],
  );
  return (
    <Boundary key={location.split('/')[1] ?? ''}>
      <Suspense
        fallback={
          <Page title="…">
            <Waiting lines={6} />
          </Page>
        }
      >
        <Switch>
          {ROUTES.map(([path, Screen]) => (
            <Route key={path} path={path} component={Screen} />
          ))}
          <Route component={NoSuchScreen} />
        </Switch>
      </Suspense>
    </Boundary>
  );
}
