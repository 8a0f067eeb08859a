import { useQuery } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useApi, useClient } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Waiting } from '../../design/page.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { asLinked, insteadOf } from './aside.ts';
import { keptDraft, type WizardDraft } from './draft.ts';
import { presetDraft, presetsOf } from './presets.ts';
import { DRAFT } from './use-wizard.ts';
import { Walk } from './walk.tsx';

/** Migrate, restore, undo and try again: one walk from a source to a report. */
export default function Migrate() {
  const api = useApi();
  const { dir } = useWorkspace();
  const { data: preferences, error } = useQuery(api.preferences.get.queryOptions());
  if (preferences) return <Walks kept={keptDraft(preferences.drafts[DRAFT], dir)} />;
  return (
    <Page title="Migrate & restore">
      <ErrorNotice error={error} />
      {!error && <Waiting lines={6} />}
    </Page>
  );
}

/** The walk as it was left, or the one that a link asks for. */
function Walks({ kept }: { kept: WizardDraft }) {
  const client = useClient();
  const { dir } = useWorkspace();
  const [, navigate] = useLocation();
  const search = useSearch();
  const isLink = presetsOf(search) !== undefined;
  const [begun, setBegun] = useState(isLink ? undefined : kept);
  const [number, setNumber] = useState(0);
  const [notFollowed, setNotFollowed] = useState<unknown>();
  const latest = useRef(kept);
  useLayoutEffect(() => {
    latest.current = kept;
  });
  const begin = (draft: WizardDraft): void => {
    setNotFollowed(undefined);
    setBegun(draft);
    setNumber((before) => before + 1);
  };
  const links = useRef(0);
  useEffect(() => {
    const presets = presetsOf(search);
    if (!presets) return;
    const link = ++links.current;
    setNotFollowed(undefined);
    // What a link says holds once: it must not come again when the window is drawn anew.
    navigate('/migrate', { replace: true });
    const follow = async (): Promise<void> => {
      try {
        const draft = await presetDraft(client, presets, dir);
        if (link !== links.current) return;
        begin(insteadOf(asLinked(draft), latest.current));
        navigate(`/migrate/${draft.step}`, { replace: true });
      } catch (thrown) {
        if (link !== links.current) return;
        setNotFollowed(thrown);
        // A walk that is on the screen stays as it is.
        setBegun((before) => before ?? latest.current);
      }
    };
    void follow();
    // A link is followed once.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [search]);
  useEffect(
    () => () => {
      // Whoever has gone elsewhere is not fetched back.
      links.current += 1;
    },
    [],
  );
  if (!begun)
    return (
      <Page title="Migrate & restore">
        <Waiting lines={6} />
      </Page>
    );
  return (
    <Walk key={number} first={begun} onBegin={begin}>
      <ErrorNotice error={notFollowed} />
    </Walk>
  );
}
