import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { BackupDialog } from './backup-dialog.tsx';

/** What is chosen already when the dialog opens. */
export interface BackupWish {
  readonly environment?: string;
  readonly realms?: readonly string[];
}

type BackUp = (wish?: BackupWish) => void;

const BackupContext = createContext<BackUp | undefined>(undefined);

/** Lets every screen below open the one dialog for backups. */
export function BackupProvider({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  const [wish, setWish] = useState<{ readonly wish: BackupWish; readonly number: number }>({
    wish: {},
    number: 0,
  });
  const backUp = useCallback<BackUp>((wanted = {}) => {
    setWish(({ number }) => ({ wish: wanted, number: number + 1 }));
    setOpened(true);
  }, []);
  return (
    <BackupContext value={backUp}>
      {children}
      <BackupDialog key={wish.number} wish={wish.wish} opened={opened} onClose={() => setOpened(false)} />
    </BackupContext>
  );
}

/** Opens the dialog for a backup. */
export function useBackUp(): BackUp {
  const backUp = useContext(BackupContext);
  if (!backUp) throw new Error('There is no BackupProvider around this component.');
  return backUp;
}
