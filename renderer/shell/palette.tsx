import { Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import { SCREENS } from './screens.tsx';

/** Every way of the program by its name: Ctrl+K. */
export function Palette() {
  const [, navigate] = useLocation();
  return (
    <Spotlight
      shortcut="mod + K"
      nothingFound="Nothing of this name"
      highlightQuery
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'Go to …',
        'aria-label': 'Go to a screen or an action',
      }}
      actions={SCREENS.map(({ path, name, icon: Icon }) => ({
        id: path,
        label: name,
        leftSection: <Icon size={18} aria-hidden />,
        onClick: () => navigate(path),
      }))}
    />
  );
}
