import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { PreferencesView } from '../../../contract/workspace.ts';
import { useApi, useClient } from '../../client/use-client.tsx';
import { changed } from './begun-walks.ts';
import type { WizardDraft } from './draft.ts';

export interface Wizard {
  readonly draft: WizardDraft;
  /** Takes effect at once, and is kept. */
  readonly change: (change: Partial<WizardDraft> | ((draft: WizardDraft) => WizardDraft)) => void;
  /** What could not be kept, and why. */
  readonly notKept: unknown;
}

export const WizardContext = createContext<Wizard | undefined>(undefined);

export function useWizard(): Wizard {
  const wizard = useContext(WizardContext);
  if (!wizard) throw new Error('There is no wizard around this component.');
  return wizard;
}

/** How long to wait for the next key before what was typed is kept. Milliseconds. */
const KEEP_AFTER = 250;
export const DRAFT = 'wizard';

/** The draft as it is on the screen, kept in the preferences whenever it changes: a window can be closed at any moment. */
export function useKeptDraft(first: WizardDraft): Wizard {
  const client = useClient();
  const api = useApi();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(first);
  const [notKept, setNotKept] = useState<unknown>();
  const waiting = useRef<WizardDraft>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const keep = useMemo(
    () => () => {
      clearTimeout(timer.current);
      const kept = waiting.current;
      waiting.current = undefined;
      if (!kept) return;
      client.preferences.change({ drafts: { [DRAFT]: kept } }).then(
        () => setNotKept(undefined),
        (error: unknown) => setNotKept(error),
      );
    },
    [client],
  );
  useEffect(() => {
    window.addEventListener('pagehide', keep);
    return () => {
      window.removeEventListener('pagehide', keep);
      keep();
    };
  }, [keep]);

  const current = useRef(first);
  const change = useMemo(
    () =>
      (by: Partial<WizardDraft> | ((draft: WizardDraft) => WizardDraft)): void => {
        const after = changed(current.current, by);
        current.current = after;
        setDraft(after);
        waiting.current = after;
        clearTimeout(timer.current);
        timer.current = setTimeout(keep, KEEP_AFTER);
        // Whoever leaves this screen and comes back must not see what was asked of the preferences before.
        queries.setQueryData<PreferencesView>(
          api.preferences.get.queryKey(),
          (view) => view && { ...view, drafts: { ...view.drafts, [DRAFT]: after } },
        );
      },
    [api, keep, queries],
  );
  return useMemo(() => ({ draft, change, notKept }), [draft, change, notKept]);
}
