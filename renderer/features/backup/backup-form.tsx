import {
  Alert,
  Button,
  Checkbox,
  Group,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconLockOpen } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../contract/environment.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import { StageBadge } from '../../design/stage-badge.tsx';
import type { BackupWish } from './backup-context.tsx';
import { MoreOptions } from '../../design/more-options.tsx';
import { RealmChoice } from './realm-choice.tsx';

export function BackupForm({
  wish,
  onStarted,
  onCancel,
}: {
  wish: BackupWish;
  onStarted: (job: string) => void;
  onCancel: () => void;
}) {
  const api = useApi();
  const { data: environments, error } = useQuery(api.engine.environments.list.queryOptions());
  if (error) return <ErrorNotice error={error} />;
  if (!environments) return <Waiting />;
  if (environments.length === 0)
    return (
      <Stack>
        <Text size="sm">There is no environment yet to back up from.</Text>
        <Group>
          <Button component={Link} href="/environments/_new" onClick={onCancel}>
            Add an environment
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    );
  return <Fields wish={wish} environments={environments} onStarted={onStarted} onCancel={onCancel} />;
}

function Fields({
  wish,
  environments,
  onStarted,
  onCancel,
}: {
  wish: BackupWish;
  environments: readonly EnvironmentView[];
  onStarted: (job: string) => void;
  onCancel: () => void;
}) {
  const api = useApi();
  const refresh = useRefresh();
  const [name, setName] = useState(wish.environment ?? environments[0]!.name);
  /** Undefined: every realm. */
  const [realms, setRealms] = useState<readonly string[] | undefined>(wish.realms);
  const [sections, setSections] = useState<readonly Section[]>(SECTIONS);
  const [credentials, setCredentials] = useState(true);
  const [tags, setTags] = useState<string[]>([]);
  const [note, setNote] = useState('');
  const environment = environments.find((one) => one.name === name);
  const start = useMutation(
    api.engine.jobs.start.mutationOptions({
      onSuccess({ id }) {
        void refresh();
        onStarted(id);
      },
    }),
  );
  const whole = sections.length === SECTIONS.length;
  return (
    <Stack
      component="form"
      gap="md"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({
          kind: 'backup',
          environment: name,
          ...(realms && { realms: [...realms] }),
          ...(!whole && { sections: [...sections] }),
          credentials,
          tags,
          ...(note.trim() !== '' && { note: note.trim() }),
        });
      }}
    >
      <Group align="flex-end" wrap="nowrap">
        <Select
          flex={1}
          label="Environment"
          data={environments.map((one) => one.name)}
          value={name}
          allowDeselect={false}
          onChange={(value) => {
            setName(value ?? name);
            setRealms(undefined);
          }}
        />
        {environment && (
          <Group h={36}>
            <StageBadge stage={environment.stage} />
          </Group>
        )}
      </Group>
      {environment?.api?.insecureTls && (
        <Alert color="brick" variant="light" icon={<IconLockOpen aria-hidden />}>
          The certificate of {name} is not checked: anybody on the way can read what is sent, the client’s
          secret included.
        </Alert>
      )}
      <RealmChoice key={name} environment={name} chosen={realms} onChange={setRealms} />
      <MoreOptions begin={!whole || !credentials}>
        <Checkbox.Group
          label="Sections"
          description="Leave some out, and the snapshot is not a whole backup: it is never taken for the latest one."
          value={[...sections]}
          onChange={(chosen) => setSections(SECTIONS.filter((section) => chosen.includes(section)))}
          error={sections.length === 0 && 'Choose at least one.'}
        >
          <Group gap="md" mt="xs">
            {SECTIONS.map((section) => (
              <Checkbox key={section} value={section} label={SECTION_NAMES[section]} />
            ))}
          </Group>
        </Checkbox.Group>
        <Switch
          label="With credentials"
          description={
            credentials
              ? 'Password hashes and the hashes of clients’ secrets are read as far as the environment tells them. They are encrypted in the catalog.'
              : 'No password hash and no hash of a client’s secret is read. Restored into an empty realm, everybody needs a new password; such a snapshot is not a whole backup.'
          }
          checked={credentials}
          onChange={(event) => setCredentials(event.currentTarget.checked)}
        />
        <TagsInput
          label="Tags"
          description="Words to find it by. Press Enter after each."
          value={tags}
          onChange={setTags}
          clearable={false}
        />
        <TextInput
          label="Note"
          description="A sentence to remember it by"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </MoreOptions>
      <ErrorNotice error={start.error} />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          <Foreign>{name}</Foreign> is only read.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={start.isPending}
            disabled={realms?.length === 0 || sections.length === 0}
          >
            {buttonText(realms)}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function buttonText(realms: readonly string[] | undefined): string {
  if (realms === undefined) return 'Back up every realm';
  return realms.length === 1 ? 'Back up one realm' : `Back up ${count(realms.length)} realms`;
}
