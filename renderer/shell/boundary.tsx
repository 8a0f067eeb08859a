import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { isAppError } from '../../contract/errors.ts';
import { messageOf } from '../../contract/wire.ts';
import { ErrorNotice } from '../design/error-notice.tsx';

/** What cannot be drawn: a screen that could not be fetched, or a defect. It is said, and nothing else is lost by it. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    if (isAppError(error))
      return (
        <Stack p="xl" maw="70ch">
          <ErrorNotice error={error} />
          <Button w="fit-content" onClick={() => location.reload()}>
            Load the window anew
          </Button>
        </Stack>
      );
    return (
      <Stack p="xl" maw="70ch" role="alert">
        <Title order={1} size="h3">
          This screen could not be drawn
        </Title>
        <Text size="sm">
          This is a defect of Drawbridge. Jobs that run go on, and nothing was changed in your environments or
          your catalog. Draw the window anew; if it happens again, please report it with this text:
        </Text>
        <Code block>{messageOf(error)}</Code>
        <Button w="fit-content" onClick={() => this.setState({ error: undefined })}>
          Draw it anew
        </Button>
      </Stack>
    );
  }
}
