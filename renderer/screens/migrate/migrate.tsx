import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useApi, useClient } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Waiting } from '../../design/page.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { emptyDraft, isBegun, keptDraft, walkTitle, type WizardDraft } from './draft.ts';
import { presetDraft, presetsOf } from './presets.ts';
import { DRAFT } from './use-wizard.ts';
import { Walk } from './walk.tsx';

/** Migrate, restore, undo and try again: one walk from a source to a report. */
export default function Migrate() {
  const api = useApi();
  const { dir } = useWorkspace();
  const { data: preferences, error } = useQuery(api.preferences.get.queryOptions());
  if (error)
    return (
      <Page title="Migrate">
        <ErrorNotice error={error} />
      </Page>
    );
  if (!preferences) return <Looking />;
  return <Walks kept={keptDraft(preferences.drafts[DRAFT], dir)} />;
}

interface Begun {
  readonly draft: WizardDraft;
  /** What was put aside for it, and can be gone back to. */
  readonly aside?: WizardDraft;
}

/** The walk as it was left, or the one that a link asks for. */
function Walks({ kept }: { kept: WizardDraft }) {
  const client = useClient();
  const { dir } = useWorkspace();
  const [, navigate] = useLocation();
  const search = useSearch();
  const isLink = presetsOf(search) !== undefined;
  const [begun, setBegun] = useState<Begun | undefined>(isLink ? undefined : { draft: kept });
  const [number, setNumber] = useState(0);
  const [error, setError] = useState<unknown>();
  const links = useRef(0);
  const begin = (next: Begun | undefined): void => {
    setBegun(next);
    setNumber((before) => before + 1);
  };
  useEffect(() => {
    const presets = presetsOf(search);
    if (!presets) return;
    const link = ++links.current;
    setError(undefined);
    begin(undefined);
    const follow = async (): Promise<void> => {
      try {
        const draft = await presetDraft(client, presets, dir);
        if (link !== links.current) return;
        begin({ draft, ...(isBegun(kept) && { aside: kept }) });
        // What a link says holds once: it must not come again when the window is drawn anew.
        navigate(`/migrate/${draft.step}`, { replace: true });
      } catch (thrown) {
        if (link === links.current) setError(thrown);
      }
    };
    void follow();
    // A link is followed once: what is kept changes as soon as the walk begins.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [search]);
  if (error !== undefined)
    return (
      <Page title="Migrate">
        <ErrorNotice error={error}>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              setError(undefined);
              begin({ draft: kept });
              navigate('/migrate', { replace: true });
            }}
          >
            Choose a source
          </Button>
        </ErrorNotice>
      </Page>
    );
  if (!begun) return <Looking />;
  const { draft, aside } = begun;
  return (
    <Walk key={number} first={draft} onAnother={() => begin({ draft: emptyDraft(dir) })}>
      {aside && (
        <Group gap="sm" role="status">
          <Text size="sm" c="dimmed">
            You had begun something else ({walkTitle(aside).toLowerCase()}). It was put aside.
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              begin({ draft: aside });
              navigate(`/migrate/${aside.step}`);
            }}
          >
            Go back to it
          </Button>
        </Group>
      )}
    </Walk>
  );
}

function Looking() {
  return (
    <Page title="Migrate">
      <Waiting lines={6} />
    </Page>
  );
}
