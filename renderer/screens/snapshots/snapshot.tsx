import { Alert, Anchor, Button, Group, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconArrowsLeftRight, IconRestore, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { takenAt } from '../../../contract/series.ts';
import { SECTIONS, isSection, type Section } from '../../../contract/sections.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { visible } from '../../../contract/visible.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { momentText } from '../../design/moments.ts';
import { Page, Waiting } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';
import { SnapshotMarks } from '../../features/snapshots/snapshot-marks.tsx';
import { originText } from '../../features/snapshots/snapshot-texts.ts';
import { Facts } from './facts.tsx';
import { RecordDrawer } from './record-drawer.tsx';
import { SectionTabs } from './section-tabs.tsx';
import { SnapshotMenu } from './snapshot-menu.tsx';
import { SearchResults } from './search-results.tsx';
import { useSnapshotSearch } from './use-snapshot-search.ts';
import classes from './snapshot.module.css';

/** A realm at a moment: what is known of it, and every record that it holds. */
export function Snapshot({ id }: { id: string }) {
  const api = useApi();
  const snapshot = useQuery(api.engine.snapshots.get.queryOptions({ input: { snapshot: id } }));
  if (snapshot.data) return <Opened snapshot={snapshot.data} />;
  return (
    <Page title="Snapshot">
      <ErrorNotice error={snapshot.error}>
        <Button component={Link} href="/snapshots" size="compact-sm" variant="default">
          Show all snapshots
        </Button>
      </ErrorNotice>
      {!snapshot.error && <Waiting lines={8} />}
    </Page>
  );
}

function Opened({ snapshot }: { snapshot: SnapshotView }) {
  const [, navigate] = useLocation();
  const [query, setQuery] = useSearchParams();
  const [text, setText] = useState('');
  const search = useSnapshotSearch(snapshot.id, text.trim());
  const { realm, inconsistent, trashedAt } = snapshot;
  const when = momentText(takenAt(snapshot));
  const section = sectionOf(query.get('section'), snapshot);
  const key = query.get('key');
  const show = (of: Section, opened?: string): void =>
    setQuery(opened === undefined ? { section: of } : { section: of, key: opened }, {
      replace: opened === undefined,
    });
  return (
    <Page
      fill
      title={`${visible(realm).slice(0, 80)}, ${when}`}
      lead={
        <>
          From <Foreign>{originText(snapshot)}</Foreign>, <Moment at={takenAt(snapshot)} />.
        </>
      }
      actions={
        <>
          <Button
            component={Link}
            href={`/compare?left=${snapshot.id}`}
            variant="default"
            leftSection={<IconArrowsLeftRight size={16} aria-hidden />}
          >
            Compare with …
          </Button>
          <Button
            component={Link}
            href={`/migrate?source=${snapshot.id}`}
            leftSection={<IconRestore size={16} aria-hidden />}
          >
            Restore …
          </Button>
          <SnapshotMenu
            opened
            snapshot={snapshot}
            label="More actions for this snapshot"
            onDeleted={() => navigate('/snapshots')}
          />
        </>
      }
    >
      <div className={classes.above}>
        {inconsistent !== undefined && (
          <Alert color="brick" icon={<IconAlertTriangle aria-hidden />} title="It is not consistent">
            <Told>{inconsistent}</Told>
          </Alert>
        )}
        {trashedAt !== undefined && (
          <Alert color="amber" title="It is in the trash">
            It was deleted <Moment at={trashedAt} />, and can be restored{' '}
            <Anchor component={Link} href="/snapshots/trash" c="inherit" underline="always">
              there
            </Anchor>
            .
          </Alert>
        )}
        <Group gap={6}>
          <SnapshotMarks snapshot={snapshot} />
        </Group>
        <Facts snapshot={snapshot} />
        <TextInput
          aria-label="Search in everything that this snapshot holds"
          placeholder="Search in all records: a name, an address, a role, any value …"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={({ currentTarget: { value } }) => setText(value)}
          onKeyDown={({ key: pressed }) => pressed === 'Escape' && setText('')}
          spellCheck={false}
          autoComplete="off"
        />
      </div>
      {search.text === '' ? (
        <SectionTabs
          snapshot={snapshot}
          section={section}
          onSection={(chosen) => show(chosen)}
          onOpen={(opened) => show(section, opened)}
        />
      ) : (
        <SearchResults search={search} onOpen={(match) => show(match.section, match.key)} />
      )}
      <RecordDrawer
        snapshot={snapshot}
        record={key === null ? undefined : { section, key }}
        onClose={() => show(section)}
      />
    </Page>
  );
}

/** What most come for, unless another is asked for. */
function sectionOf(asked: string | null, { counts }: SnapshotView): Section {
  if (asked !== null && isSection(asked)) return asked;
  return counts.users === undefined
    ? (SECTIONS.find((section) => counts[section] !== undefined) ?? 'realm')
    : 'users';
}
