import { createContext, useCallback, useContext, useState } from 'react';

/** Whether there are help pages to go to: not before the catalog is open. */
export const HelpPagesContext = createContext(false);

/**
 * Whether help is shown on its page, or has to be shown where it is asked for: where there are no pages, and in front of
 * them in a dialog, which would stay there.
 *
 * @returns `place`: the ref of what is drawn there
 */
export function useHelpPlace(): { readonly onPage: boolean; readonly place: (at: Element | null) => void } {
  const hasPages = useContext(HelpPagesContext);
  const [inDialog, setInDialog] = useState(false);
  const place = useCallback((at: Element | null) => {
    if (at) setInDialog(at.closest('[role="dialog"]') !== null);
  }, []);
  return { onPage: hasPages && !inDialog, place };
}
