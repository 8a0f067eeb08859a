import { createContext, useCallback, useContext, useState } from 'react';

/** Whether there are screens to go to: not before the catalog is open. */
export const ScreensContext = createContext(false);

/**
 * Whether a screen can be gone to from here: not where there are none, and not from a dialog, which would stay in front of
 * it. What would be read there has then to be said here.
 *
 * @returns `place`: the ref of what is drawn here
 */
export function useReach(): { readonly canGo: boolean; readonly place: (at: Element | null) => void } {
  const hasScreens = useContext(ScreensContext);
  const [inDialog, setInDialog] = useState(false);
  const place = useCallback((at: Element | null) => {
    if (at) setInDialog(at.closest('[role="dialog"]') !== null);
  }, []);
  return { canGo: hasScreens && !inDialog, place };
}
