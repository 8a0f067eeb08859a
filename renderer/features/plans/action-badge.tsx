import { Badge } from '@mantine/core';
import { ACTION_TITLES, type Action } from './plan-words.ts';

const COLORS: Readonly<Record<Action, string>> = {
  create: 'moss',
  update: 'amber',
  unchanged: 'slate',
  skip: 'slate',
  delete: 'brick',
  conflict: 'brick',
};

export function ActionBadge({ action }: { action: Action }) {
  return (
    <Badge
      color={COLORS[action]}
      variant={action === 'conflict' ? 'filled' : 'light'}
      radius="xs"
      size="sm"
      tt="none"
    >
      {ACTION_TITLES[action]}
    </Badge>
  );
}
