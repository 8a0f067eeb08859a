import { Anchor, Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section, Waiting } from '../../design/page.tsx';
import { StageBadge } from '../../design/stage-badge.tsx';
import { useRefresh } from '../../client/use-client.tsx';
import { MoreOptions } from '../../design/more-options.tsx';
import { PracticeStarting } from '../../features/practice/practice-starting.tsx';
import { usePractice, type PracticeOptions } from '../../features/practice/use-practice.ts';

const MOST_USERS = 2_000_000;

/** Two OpenGate stand-ins on this computer. */
export function PracticeCard() {
  const { view, start, stop, stopping, error } = usePractice();
  const [options, setOptions] = useState<PracticeOptions>({ dialect: 'documented', users: 2_000 });
  const refresh = useRefresh();
  const state = view?.state;
  const before = useRef(state);
  useEffect(() => {
    const isOther = before.current !== undefined && before.current !== state;
    before.current = state;
    // Its environments have come into the catalog, or have left it.
    if (isOther && (state === 'running' || state === 'stopped')) void refresh();
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);
  return (
    <Section title="Sandbox">
      <Stack gap="sm">
        <Text size="sm" c="dimmed" maw="75ch">
          Two OpenGate stand-ins on this computer, filled with invented people, to try everything with:
          practice-dev, and practice-prod, which counts as production, so that the caution before production
          can be seen as well.
        </Text>
        {!view && !error && <Waiting lines={1} />}
        {state === 'starting' && <PracticeStarting />}
        {state === 'running' && (
          <>
            <Group gap="lg">
              {view?.environments.map(({ name, stage, realms }) => (
                <Group key={name} gap="xs">
                  <Anchor component={Link} href={`/environments/${name}`} size="sm" fw={600}>
                    {name}
                  </Anchor>
                  <StageBadge stage={stage} />
                  <Text size="xs" c="dimmed">
                    {realms.join(', ')}
                  </Text>
                </Group>
              ))}
            </Group>
            <Group>
              <Button size="xs" variant="default" loading={stopping} onClick={stop}>
                Stop the sandbox
              </Button>
              <Text size="xs" c="dimmed">
                Its servers end and its environments leave the catalog; what was backed up from them stays.
              </Text>
            </Group>
          </>
        )}
        {(state === 'stopped' || state === 'failed') && (
          <>
            <MoreOptions label="What it is made of">
              <Group align="flex-start">
                <Select
                  label="Kind of server"
                  w={280}
                  allowDeselect={false}
                  data={[
                    { value: 'documented', label: 'As OpenGate is documented' },
                    { value: 'v1.1', label: 'As release v1.1.0 is' },
                  ]}
                  value={options.dialect}
                  onChange={(dialect) =>
                    setOptions({ ...options, dialect: dialect === 'v1.1' ? 'v1.1' : 'documented' })
                  }
                />
                <NumberInput
                  label="Users of the realm acme"
                  w={200}
                  min={0}
                  max={MOST_USERS}
                  step={1_000}
                  thousandSeparator=","
                  clampBehavior="strict"
                  allowDecimal={false}
                  value={options.users}
                  onChange={(users) => setOptions({ ...options, users: Number(users) || 0 })}
                />
              </Group>
            </MoreOptions>
            <Button w="fit-content" size="xs" variant="default" onClick={() => start(options)}>
              Start the sandbox
            </Button>
          </>
        )}
        <ErrorNotice error={error} />
      </Stack>
    </Section>
  );
}
