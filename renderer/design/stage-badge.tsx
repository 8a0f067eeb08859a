import { Badge } from '@mantine/core';
import { IconFlask, IconStairs, IconShieldLock } from '@tabler/icons-react';

export type Stage = 'development' | 'staging' | 'production';

const LOOKS = {
  development: { color: 'moat', icon: IconFlask, variant: 'light' },
  staging: { color: 'amber', icon: IconStairs, variant: 'light' },
  production: { color: 'brick', icon: IconShieldLock, variant: 'filled' },
} as const;

/** What an environment is for. Production is told by word, shape and colour, never by colour alone. */
export function StageBadge({ stage }: { stage: Stage }) {
  const { color, icon: Icon, variant } = LOOKS[stage];
  return (
    <Badge color={color} variant={variant} radius="xs" tt="none" leftSection={<Icon size={12} aria-hidden />}>
      {stage}
    </Badge>
  );
}

/** Any stage that a view tells as text. */
export function isStage(stage: string): stage is Stage {
  return stage in LOOKS;
}
