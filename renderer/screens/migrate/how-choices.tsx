import { Stack, Text } from '@mantine/core';
import type { PolicyInput } from '../../../contract/plan.ts';
import { ChoiceCards, type Choice } from './choice-cards.tsx';
import type { WizardDraft } from './draft.ts';
import { mirrorSentence } from './mirror-words.ts';
import { useWizard } from './use-wizard.ts';

type How = 'stop' | 'merge' | 'mirror' | 'overwrite';

const HOW: readonly Choice<How>[] = [
  {
    value: 'stop',
    title: 'Stop',
    text: 'Only create a realm that is not there. The preview then shows this one as a conflict, and nothing can be written.',
  },
  {
    value: 'merge',
    title: 'Merge',
    text: 'What the source has is brought into the realm that is there. What only the target has stays. Nothing is deleted.',
  },
  {
    value: 'mirror',
    title: 'Mirror',
    text: 'As a merge, and what only the target has is deleted. The preview counts what goes. What becomes of users and clients that both have is chosen below.',
  },
  {
    value: 'overwrite',
    title: 'Overwrite',
    text: 'The realm is deleted and created again from the source: users and sessions included. Ids change, everybody has to log in again, and over the Admin API passwords and client secrets are lost.',
  },
];

const POLICIES: Readonly<Record<How, Pick<PolicyInput, 'realm' | 'extra'>>> = {
  stop: { realm: 'stop', extra: 'keep' },
  merge: { realm: 'merge', extra: 'keep' },
  mirror: { realm: 'merge', extra: 'delete' },
  overwrite: { realm: 'overwrite', extra: 'keep' },
};

const USERS: readonly Choice<'skip' | 'merge'>[] = [
  {
    value: 'skip',
    title: 'Leave them as they are',
    text: 'Only users whom the target does not have are created.',
  },
  {
    value: 'merge',
    title: 'Update them',
    text: 'Attributes, roles and, where the source has them, passwords of users who are there become those of the source.',
  },
];

const CLIENTS: readonly Choice<'stop' | 'skip' | 'update'>[] = [
  {
    value: 'stop',
    title: 'Stop at them',
    text: 'A client that is there with other settings is a conflict, which you settle in the preview.',
  },
  {
    value: 'skip',
    title: 'Leave them as they are',
    text: 'Only clients that the target does not have are created.',
  },
  {
    value: 'update',
    title: 'Update them',
    text: 'Redirect addresses, scopes and so on become those of the source. Applications may notice at once.',
  },
];

function howOf({ realm, extra }: WizardDraft['policy']): How {
  if (realm === 'overwrite') return 'overwrite';
  if (realm !== 'merge') return 'stop';
  return extra === 'delete' ? 'mirror' : 'merge';
}

/** What happens with a realm, its users and its clients that are there. The harmless choices are made already. */
export function HowChoices() {
  const { draft, change } = useWizard();
  const { policy } = draft;
  const how = howOf(policy);
  const set = (by: PolicyInput): void => change({ policy: { ...policy, ...by } });
  return (
    <Stack gap="lg">
      <ChoiceCards label="The realm" value={how} onChange={(value) => set(POLICIES[value])} choices={HOW} />
      {(how === 'merge' || how === 'mirror') && (
        <>
          <ChoiceCards
            label="Users who are there"
            value={policy.users}
            onChange={(users) => set({ users })}
            choices={USERS}
          />
          <ChoiceCards
            label="Clients that are there"
            value={policy.clients}
            onChange={(clients) => set({ clients })}
            choices={CLIENTS}
          />
          {how === 'mirror' && (
            <Text size="sm" role="status" data-mirror>
              {mirrorSentence(policy)}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}
