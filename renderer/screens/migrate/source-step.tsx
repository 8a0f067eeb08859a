import { Stack, Title } from '@mantine/core';
import { useState } from 'react';
import { ChoiceCards } from './choice-cards.tsx';
import type { ChosenSource } from './draft.ts';
import { FileSource } from './file-source.tsx';
import { LiveSource } from './live-source.tsx';
import { withFile, withSource } from './sides.ts';
import { SnapshotSource } from './snapshot-source.tsx';
import { StepFooter } from './step-footer.tsx';
import { useWizard } from './use-wizard.ts';

type Kind = 'live' | 'snapshot' | 'file';

/** Where the realm comes from. */
export function SourceStep() {
  const { draft, change } = useWizard();
  const { source, file } = draft;
  const [kind, setKind] = useState<Kind>(file !== undefined ? 'file' : kindOf(source));
  const choose = (chosen: ChosenSource | undefined): void => change((before) => withSource(before, chosen));
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        Where does the realm come from?
      </Title>
      <ChoiceCards<Kind>
        label="Kind of source"
        columns={2}
        value={kind}
        onChange={setKind}
        choices={[
          {
            value: 'live',
            title: 'An environment, as it is now',
            text: 'The realm is read when the preview is made.',
          },
          {
            value: 'snapshot',
            title: 'A snapshot',
            text: 'A realm as it was at a moment, from your catalog.',
          },
          {
            value: 'file',
            title: 'A file',
            text: 'An export document of OpenGate, or an archive of Drawbridge.',
          },
        ]}
      />
      {kind === 'live' && <LiveSource source={source} onChoose={choose} />}
      {kind === 'snapshot' && <SnapshotSource source={source} onChoose={choose} />}
      {kind === 'file' && (
        <FileSource
          source={source}
          path={file ?? ''}
          onChoose={choose}
          onPath={(path) => change((before) => withFile(before, path))}
        />
      )}
      <StepFooter step="source" blocked={source && kind === kindOf(source) ? undefined : WANTED[kind]} />
    </Stack>
  );
}

const WANTED: Readonly<Record<Kind, string>> = {
  live: 'Choose an environment and a realm.',
  snapshot: 'Choose a snapshot.',
  file: 'Choose a file and read it.',
};

function kindOf(source: ChosenSource | undefined): Kind {
  if (source?.kind !== 'snapshot') return 'live';
  return source.file === undefined ? 'snapshot' : 'file';
}
