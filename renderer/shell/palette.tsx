import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconDatabaseExport,
  IconDeviceDesktop,
  IconFlask,
  IconLock,
  IconMoon,
  IconPlus,
  IconSearch,
  IconServer2,
  IconSun,
  IconWorld,
} from '@tabler/icons-react';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { visible } from '../../contract/visible.ts';
import { asAppError } from '../../contract/wire.ts';
import { useApi } from '../client/use-client.tsx';
import { andMore } from '../design/and-more.ts';
import { ErrorNotice } from '../design/error-notice.tsx';
import { useBackUp } from '../features/backup/backup-context.tsx';
import { usePractice } from '../features/practice/use-practice.ts';
import classes from './palette.module.css';
import { SCREENS } from './screens.tsx';

/** How many realms are offered by name. */
const MOST_REALMS = 500;

/** Every way of the program by its name, and what can be done from anywhere: Ctrl+K. */
export function Palette() {
  const [opened, setOpened] = useState(false);
  return (
    <Spotlight
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      shortcut="mod + K"
      // Also while something is typed: no field does anything by this key.
      tagsToIgnore={[]}
      nothingFound="Nothing of this name"
      highlightQuery
      scrollable
      maxHeight={420}
      attributes={{ content: { 'aria-label': 'Go to a screen or an action' } }}
      classNames={{ action: classes.action ?? '', actionDescription: classes.description ?? '' }}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'Go to …',
        'aria-label': 'Go to a screen or an action',
      }}
      actions={useGroups(opened)}
    />
  );
}

function useGroups(opened: boolean): SpotlightActionGroupData[] {
  const [, navigate] = useLocation();
  return [
    {
      group: 'Screens',
      actions: SCREENS.map(({ path, name, icon: Icon }) => ({
        id: path,
        label: name,
        leftSection: <Icon size={18} aria-hidden />,
        onClick: () => navigate(path),
      })),
    },
    { group: 'Actions', actions: useActions() },
    ...usePlaces(opened),
  ];
}

function useActions(): SpotlightActionGroupData['actions'] {
  const [, navigate] = useLocation();
  const api = useApi();
  const queries = useQueryClient();
  const backUp = useBackUp();
  const practice = usePractice({ onError: tell });
  const lock = useMutation(api.workspace.lock.mutationOptions({ onError: tell }));
  const change = useMutation(
    api.preferences.change.mutationOptions({
      onSuccess: (view) => queries.setQueryData(api.preferences.get.queryKey(), view),
      onError: tell,
    }),
  );
  const isRunning = practice.view?.state === 'running' || practice.view?.state === 'starting';
  return [
    {
      id: 'back-up',
      label: 'Back up…',
      keywords: ['backup', 'capture', 'snapshot'],
      leftSection: <IconDatabaseExport size={18} aria-hidden />,
      onClick: () => backUp(),
    },
    {
      id: 'add-environment',
      label: 'Add an environment',
      keywords: ['new', 'installation', 'server'],
      leftSection: <IconPlus size={18} aria-hidden />,
      onClick: () => navigate('/environments/_new'),
    },
    {
      id: 'sandbox',
      label: isRunning ? 'Stop the sandbox' : 'Start the sandbox',
      keywords: ['practice', 'try', 'demo'],
      leftSection: <IconFlask size={18} aria-hidden />,
      onClick: () => {
        if (isRunning) practice.stop();
        else practice.start();
        navigate('/');
      },
    },
    {
      id: 'lock',
      label: 'Lock the catalog',
      keywords: ['close', 'passphrase'],
      leftSection: <IconLock size={18} aria-hidden />,
      onClick: () => lock.mutate(undefined),
    },
    ...THEMES.map(({ theme, label, icon: Icon }) => ({
      id: `theme-${theme}`,
      label,
      keywords: ['colour', 'theme', 'appearance'],
      leftSection: <Icon size={18} aria-hidden />,
      onClick: () => change.mutate({ theme }),
    })),
  ];
}

const THEMES = [
  { theme: 'system', label: 'Theme: as the system has it', icon: IconDeviceDesktop },
  { theme: 'light', label: 'Theme: light', icon: IconSun },
  { theme: 'dark', label: 'Theme: dark', icon: IconMoon },
] as const;

/** Environments, and the realms that something was kept of: asked for when they are looked for. */
function usePlaces(opened: boolean): SpotlightActionGroupData[] {
  const [, navigate] = useLocation();
  const api = useApi();
  const known = useQuery(api.engine.environments.list.queryOptions({ enabled: opened }));
  const kept = useQuery(api.engine.snapshots.list.queryOptions({ input: {}, enabled: opened }));
  const error = known.error ?? kept.error;
  useEffect(() => {
    if (opened && error) tell(error);
  }, [opened, error]);
  if (!opened) return [];
  const { data: environments = [] } = known;
  const { data: snapshots = [] } = kept;
  const realms = [
    ...new Map(
      snapshots.flatMap(({ environment, realm }) =>
        environment === undefined ? [] : [[`${environment}/${realm}`, { environment, realm }] as const],
      ),
    ),
  ];
  return [
    {
      group: 'Environments',
      actions: environments.map(({ name, stage }) => ({
        id: `environment ${name}`,
        label: name,
        description: stage,
        leftSection: <IconServer2 size={18} aria-hidden />,
        onClick: () => navigate(`/environments/${name}`),
      })),
    },
    {
      group: 'Realms',
      actions: [
        ...realms.slice(0, MOST_REALMS).map(([id, { environment, realm }]) => ({
          id: `realm ${id}`,
          label: visible(realm),
          description: `its snapshots, ${environment}`,
          leftSection: <IconWorld size={18} aria-hidden />,
          onClick: () =>
            navigate(
              `/snapshots?environment=${encodeURIComponent(environment)}&realm=${encodeURIComponent(realm)}`,
            ),
        })),
        ...(realms.length > MOST_REALMS
          ? [
              {
                id: 'more realms',
                label: `${andMore(realms.length, MOST_REALMS)} realms`,
                description: 'under Snapshots, which has all of them',
                leftSection: <IconWorld size={18} aria-hidden />,
                onClick: () => navigate('/snapshots'),
              },
            ]
          : []),
      ],
    },
  ].filter(({ actions }) => actions.length > 0);
}

/** There is no place of its own for what an action of the palette fails with. */
function tell(error: unknown): void {
  notifications.show({
    // Told once, however often it fails.
    id: `palette ${asAppError(error).code}`,
    color: 'brick',
    autoClose: false,
    title: 'That did not work',
    message: <ErrorNotice error={asAppError(error)} />,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}
