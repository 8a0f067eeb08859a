import {
  IconArrowsLeftRight,
  IconCalendarClock,
  IconHelpCircle,
  IconHome,
  IconHistory,
  IconListDetails,
  IconRoute,
  IconServer2,
  IconSettings,
} from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';
import { AppError } from '../../contract/errors.ts';

export interface Screen {
  /** The route's pattern, without the hash. */
  readonly path: string;
  readonly name: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
  /** Pressed with Ctrl or Cmd. */
  readonly key?: string;
}

/** The rooms of the navigation, in their order. */
export const SCREENS: readonly Screen[] = [
  { path: '/', name: 'Home', icon: IconHome, key: '1' },
  { path: '/environments', name: 'Environments', icon: IconServer2, key: '2' },
  { path: '/snapshots', name: 'Snapshots', icon: IconHistory, key: '3' },
  { path: '/compare', name: 'Compare', icon: IconArrowsLeftRight, key: '4' },
  { path: '/migrate', name: 'Migrate & restore', icon: IconRoute, key: '5' },
  { path: '/jobs', name: 'Jobs', icon: IconListDetails, key: '6' },
  { path: '/schedules', name: 'Schedules', icon: IconCalendarClock, key: '7' },
  { path: '/settings', name: 'Settings', icon: IconSettings, key: '8' },
  { path: '/help', name: 'Help', icon: IconHelpCircle, key: '9' },
];

/**
 * What a route shows, fetched when it is first gone to. React remembers a fetch that failed for good: the page then has to
 * be loaded anew.
 */
function screen(fetched: () => Promise<{ default: ComponentType }>): ComponentType {
  return lazy(() =>
    fetched().catch((cause: unknown) => {
      throw new AppError('CONNECTION_LOST', 'This screen could not be fetched from Drawbridge.', {
        notChanged: 'Nothing was changed.',
        remedy: 'Load the window anew. If Drawbridge has ended, start it first.',
        cause,
      });
    }),
  );
}

const Environments = screen(() => import('../screens/environments/environments.tsx'));
const Schedules = screen(() => import('../screens/schedules/schedules.tsx'));

/**
 * Every route and what is drawn there; the first that fits. Screens read what follows with wouter's own hooks. An address
 * that fits none is said to lead nowhere: so a screen's routes are listed, unless it shows something at any address below it.
 */
export const ROUTES: readonly (readonly [path: string, screen: ComponentType])[] = [
  ['/', screen(() => import('../screens/home/home.tsx'))],
  ['/environments/:name?', Environments],
  ['/environments/:name/edit', Environments],
  ['/snapshots/:id?', screen(() => import('../screens/snapshots/snapshots.tsx'))],
  ['/compare', screen(() => import('../screens/compare/compare.tsx'))],
  ['/migrate/:step?', screen(() => import('../screens/migrate/migrate.tsx'))],
  ['/jobs/:job?', screen(() => import('../screens/jobs/jobs.tsx'))],
  ['/schedules', Schedules],
  ['/schedules/add', Schedules],
  ['/schedules/named/:name', Schedules],
  ['/schedules/named/:name/edit', Schedules],
  ['/settings/*?', screen(() => import('../screens/settings/settings.tsx'))],
  ['/help/*?', screen(() => import('../screens/help/help.tsx'))],
];
