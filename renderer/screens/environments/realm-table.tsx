import { Anchor, Button, Text, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { Waiting } from '../../design/page.tsx';
import { useBackUp } from '../../features/backup/backup-context.tsx';
import { lastBackups } from '../../features/backup/last-backups.ts';
import classes from './environments.module.css';

/** What the environment has now, and when each was backed up; also those that it has no longer. */
export function RealmTable({ environment }: { environment: string }) {
  const api = useApi();
  const backUp = useBackUp();
  const realms = useQuery({
    ...api.engine.environments.realms.queryOptions({ input: { name: environment } }),
    refetchOnWindowFocus: false,
    staleTime: 30_000,
  });
  const snapshots = useQuery(api.engine.snapshots.list.queryOptions({ input: { environment } }));
  const backups = new Map(
    (snapshots.data ? (lastBackups(snapshots.data).get(environment) ?? []) : []).map(({ realm, newest }) => [
      realm,
      newest,
    ]),
  );
  // Whether it was ever backed up is not known before the snapshots are.
  const unknown = snapshots.data ? 'never' : snapshots.error ? 'not known' : '…';
  const live = new Map(realms.data?.map((realm) => [realm.name, realm]));
  const names = [...new Set([...live.keys(), ...backups.keys()])].sort();
  if (!realms.data && !realms.error)
    return (
      <>
        <Text size="xs" c="dimmed" mb="xs">
          Asking it for its realms …
        </Text>
        <Waiting lines={4} />
      </>
    );
  return (
    <>
      {realms.error && (
        <ErrorNotice error={realms.error}>
          <Button
            size="compact-xs"
            color="brick"
            variant="outline"
            loading={realms.isFetching}
            onClick={() => void realms.refetch()}
          >
            Try again
          </Button>
        </ErrorNotice>
      )}
      <ErrorNotice error={snapshots.error} />
      {names.length === 0 && !realms.error && (
        <Text size="sm" c="dimmed">
          It has no realm yet.
        </Text>
      )}
      {names.length > 0 && (
        <div className={classes.scrolled}>
          <table className={classes.realms}>
            <thead>
              <tr>
                <th scope="col">Realm</th>
                <th scope="col">Display name</th>
                <th scope="col">Last backup</th>
                <th scope="col">
                  <VisuallyHidden>What can be done</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {names.map((name) => {
                const realm = live.get(name);
                const backup = backups.get(name);
                return (
                  <tr key={name}>
                    <td>
                      <Foreign>{name}</Foreign>
                      {realms.data && !realm && (
                        <Text span size="xs" c="dimmed">
                          {' '}
                          (not there any more)
                        </Text>
                      )}
                      {realm?.enabled === false && (
                        <Text span size="xs" c="dimmed">
                          {' '}
                          (disabled)
                        </Text>
                      )}
                    </td>
                    <td>{realm?.displayName !== undefined && <Foreign>{realm.displayName}</Foreign>}</td>
                    <td>
                      {backup ? (
                        <Anchor component={Link} href={`/snapshots/${backup.id}`} size="sm">
                          <VisuallyHidden>Backup of {name.slice(0, 200)}: </VisuallyHidden>
                          <Moment at={backup.finishedAt} />
                          {!backup.complete && ', not whole'}
                        </Anchor>
                      ) : (
                        unknown
                      )}
                    </td>
                    <td>
                      {realm && (
                        <Button
                          size="compact-xs"
                          variant="subtle"
                          aria-label={`Back up ${name}`.slice(0, 200)}
                          onClick={() => backUp({ environment, realms: [name] })}
                        >
                          Back up…
                        </Button>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
