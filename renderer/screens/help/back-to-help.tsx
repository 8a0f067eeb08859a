import { Anchor } from '@mantine/core';
import { Link } from 'wouter';

export function BackToHelp({ to = '/help', children = 'Help' }: { to?: string; children?: string }) {
  return (
    <Anchor component={Link} href={to} size="sm">
      {children}
    </Anchor>
  );
}
