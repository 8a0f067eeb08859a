import { Alert, Anchor, Checkbox, Group, PasswordInput, TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { takenAt } from '../../../contract/series.ts';
import type { JobView } from '../../../contract/job.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { counted, momentText } from '../../design/moments.ts';
import { Told } from '../../design/told.tsx';
import { NeverABackup, WhatACopyIs } from '../../features/snapshots/what-a-copy-is.tsx';
import { Dialog } from './dialog.tsx';
import { StartJob } from './start-job.tsx';

/** A copy for places where real people must not be. */
export function PseudonymizeDialog({ snapshot, onClose }: { snapshot: SnapshotView; onClose: () => void }) {
  const [keepDomains, setKeepDomains] = useState(false);
  const [password, setPassword] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [key, setKey] = useState('');
  const [tags, setTags] = useState<string[]>([]);
  const keys = {
    ...(key !== '' && { key }),
    ...(password !== '' && { password }),
    ...(clientSecret !== '' && { clientSecret }),
  };
  return (
    <Dialog title={`Pseudonymised copy of ${momentText(takenAt(snapshot))}`} onClose={onClose}>
      <Text size="sm">For places where real people must not be, such as tests, staging and support.</Text>
      <WhatACopyIs keepDomains={keepDomains} takesClientSecret />
      <NeverABackup />
      <Checkbox
        label="Keep the domains of e-mail addresses"
        description="Then mail to the made-up addresses reaches real servers, and the domains tell whose people they were."
        checked={keepDomains}
        onChange={({ currentTarget: { checked } }) => setKeepDomains(checked)}
      />
      <Group grow align="flex-start">
        <PasswordInput
          label="A password for everybody who had one"
          description="Empty: nobody can log in with a password."
          value={password}
          onChange={({ currentTarget: { value } }) => setPassword(value)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: A password for everybody who had one' }}
        />
        <PasswordInput
          label="A secret for every client that had one"
          description="Empty: a target keeps its own."
          value={clientSecret}
          onChange={({ currentTarget: { value } }) => setClientSecret(value)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{
            'aria-label': 'Show or hide: A secret for every client that had one',
          }}
        />
      </Group>
      <PasswordInput
        label="A key to make pseudonyms with"
        description="Empty: the catalog’s own. It decides who becomes whom: copies of several catalogs agree under one key. Keep it as you keep passwords."
        value={key}
        onChange={({ currentTarget: { value } }) => setKey(value)}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: A key to make pseudonyms with' }}
      />
      <TagsInput label="Tags" value={tags} onChange={setTags} />
      <StartJob
        action="Make the copy"
        input={{ kind: 'pseudonymize', source: snapshot.id, keepDomains, tags, keys }}
        onClose={onClose}
      >
        {(job) => <Copied job={job} />}
      </StartJob>
    </Dialog>
  );
}

function Copied({ job: { result } }: { job: JobView }) {
  if (result?.kind !== 'pseudonymize') return null;
  const { id, counts, warnings } = result.snapshot;
  return (
    <Alert color={warnings.length === 0 ? 'moss' : 'amber'} title="The copy is made">
      {counted(counts.users ?? 0, 'made-up user')} in the place of the real ones.{' '}
      <Anchor component={Link} href={`/snapshots/${id}`} c="inherit" underline="always">
        Look into it
      </Anchor>
      {warnings.map((warning) => (
        <Text key={warning} size="sm" mt="xs">
          <Told>{warning}</Told>
        </Text>
      ))}
    </Alert>
  );
}
