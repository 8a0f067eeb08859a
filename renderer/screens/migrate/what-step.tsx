import {
  Alert,
  Button,
  Checkbox,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { quoted } from '../../../contract/visible.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count } from '../../design/moments.ts';
import { Section as Part } from '../../design/page.tsx';
import { NeverABackup, WhatACopyIs } from '../../features/snapshots/what-a-copy-is.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import { ChoiceCards } from './choice-cards.tsx';
import { isNameAllowed, isWhatChosen, withPassword, withRealmName, type WizardDraft } from './draft.ts';
import { RecordPicker } from './record-picker.tsx';
import { isPasswordGone, useSecrets } from './secrets.ts';
import { StepFooter } from './step-footer.tsx';
import { useWizard } from './use-wizard.ts';

/** Which part of the source, under which name, and whether with everybody replaced by somebody else. */
export function WhatStep() {
  const { draft, change } = useWizard();
  const { secrets } = useSecrets();
  const { what, realmName, source } = draft;
  const badName = !isNameAllowed(draft);
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        What is to be brought?
      </Title>
      <ChoiceCards<WizardDraft['what']['kind']>
        label="How much of it"
        value={what.kind}
        onChange={(kind) => change({ what: { ...what, kind } })}
        choices={[
          {
            value: 'everything',
            title: 'Everything that the source has',
            text: 'What the source does not know is left alone on the target.',
          },
          { value: 'sections', title: 'Some sections', text: 'All others stay as they are on the target.' },
          {
            value: 'records',
            title: 'Single records',
            text: 'Nothing but these, the roles that they need, and what belongs to the users among them.',
          },
        ]}
      />
      {what.kind === 'sections' && <Sections />}
      {what.kind === 'records' && <RecordPicker />}
      <Part title="Name">
        <TextInput
          label="Name of the realm on the target"
          description={
            source && (
              <Foreign>{`Empty: ${quoted(source.realm)}, as in the source. Lower-case letters, digits and hyphens.`}</Foreign>
            )
          }
          value={realmName}
          error={badName ? 'Use lower-case letters, digits and hyphens only.' : undefined}
          onChange={({ currentTarget: { value } }) => change((before) => withRealmName(before, value))}
          maw={420}
        />
      </Part>
      <Pseudonyms />
      <StepFooter step="what" blocked={whyNot(draft, badName, isPasswordGone(draft, secrets))} />
    </Stack>
  );
}

function whyNot({ what }: WizardDraft, badName: boolean, noPassword: boolean): string | undefined {
  if (badName) return 'Correct the name.';
  if (!isWhatChosen(what))
    return what.kind === 'sections' ? 'Choose a section at least.' : 'Add a record at least.';
  return noPassword ? 'Type the password again.' : undefined;
}

function Sections() {
  const api = useApi();
  const { draft, change } = useWizard();
  const { what, source } = draft;
  const snapshot = source?.kind === 'snapshot' ? source.snapshot : undefined;
  const { data, error } = useQuery({
    ...api.engine.snapshots.get.queryOptions({ input: { snapshot: snapshot ?? '' } }),
    enabled: snapshot !== undefined,
  });
  const describe = (section: Section): string | undefined => {
    if (!data) return undefined;
    const number = data.counts[section];
    return number === undefined ? 'not in this snapshot' : count(number);
  };
  return (
    <Checkbox.Group
      label="Sections"
      value={what.sections}
      onChange={(sections) =>
        change({ what: { ...what, sections: SECTIONS.filter((section) => sections.includes(section)) } })
      }
    >
      <SimpleGrid cols={{ base: 2, sm: 4 }} mt="xs" spacing="sm">
        {SECTIONS.map((section) => (
          <Checkbox
            key={section}
            value={section}
            label={SECTION_NAMES[section]}
            description={describe(section)}
            disabled={data !== undefined && data.counts[section] === undefined}
          />
        ))}
      </SimpleGrid>
      <ErrorNotice error={error} />
    </Checkbox.Group>
  );
}

function Pseudonyms() {
  const { draft, change } = useWizard();
  const { pseudonymise } = draft;
  const { secrets, setSecrets } = useSecrets();
  return (
    <Part title="Pseudonyms">
      <Stack gap="sm">
        <Switch
          label="Replace everybody by somebody else first"
          description="What is brought is a copy with made-up people in the place of the real ones: for a copy of production to test with. The source stays as it is."
          checked={pseudonymise.on}
          onChange={(event) => change({ pseudonymise: { ...pseudonymise, on: event.currentTarget.checked } })}
        />
        {pseudonymise.on && (
          <>
            <WhatACopyIs keepDomains={pseudonymise.keepDomains} takesClientSecret={false} />
            <Checkbox
              label="Keep the domains of e-mail addresses"
              description="Then mail to the made-up addresses reaches real servers, and the domains tell whose people they were."
              checked={pseudonymise.keepDomains}
              onChange={(event) =>
                change({ pseudonymise: { ...pseudonymise, keepDomains: event.currentTarget.checked } })
              }
            />
            <PasswordInput
              label="Password of everybody who had one"
              description="Empty: nobody has a password. It is kept nowhere: once the copy is made, or you leave this screen, it is forgotten."
              value={secrets.password}
              error={
                isPasswordGone(draft, secrets)
                  ? 'The one that you typed is not kept. Type it again, or let nobody have one.'
                  : undefined
              }
              onChange={({ currentTarget: { value } }) => {
                setSecrets({ password: value });
                change((before) => withPassword(before, value !== ''));
              }}
              autoComplete="new-password"
              maw={420}
              visibilityToggleButtonProps={{
                'aria-label': 'Show or hide: Password of everybody who had one',
              }}
            />
            {pseudonymise.password?.given && secrets.password === '' && (
              <Button
                variant="default"
                size="compact-sm"
                w="fit-content"
                onClick={() => change((before) => withPassword(before, false))}
              >
                Nobody has a password
              </Button>
            )}
            <Alert color="moat" variant="light" icon={<IconInfoCircle aria-hidden />} role="note">
              <Text size="sm">The copy is made before the preview.</Text>
              <NeverABackup />
            </Alert>
          </>
        )}
      </Stack>
    </Part>
  );
}
