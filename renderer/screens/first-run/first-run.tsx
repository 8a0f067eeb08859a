import { useState } from 'react';
import type { TypedKey } from '../../../contract/catalog-folder.ts';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { EncryptionStep } from './encryption-step.tsx';
import { EntryFrame } from './entry-frame.tsx';
import { RecoveryStep } from './recovery-step.tsx';
import { StartStep } from './start-step.tsx';
import { StorageStep } from './storage-step.tsx';
import { WelcomeStep } from './welcome-step.tsx';

const STEPS = [
  {
    id: 'welcome',
    name: 'Welcome',
    title: 'Welcome to Drawbridge',
  },
  {
    id: 'storage',
    name: 'Storage',
    title: 'Where backups are kept',
    lead: 'Drawbridge keeps everything in one folder on this computer, the catalog: snapshots, environments and their secrets, and the record of every job. It is encrypted before it is written.',
  },
  {
    id: 'encryption',
    name: 'Encryption',
    title: 'What opens the catalog',
    lead: 'The catalog is encrypted with a random key. Choose what protects that key.',
  },
  {
    id: 'recovery',
    name: 'Recovery key',
    title: 'A recovery key',
    lead: 'For the day when the other way in is lost: it opens the catalog when the passphrase is forgotten or the keychain is gone. The catalog is made; this is the last thing to be done for it.',
  },
  {
    id: 'start',
    name: 'Start',
    title: 'Your catalog is ready',
    lead: 'Everything can be tried without touching a server of yours.',
  },
] as const;

type Step = (typeof STEPS)[number]['id'];

/** From nothing to a catalog, and to the first thing in it. */
export function FirstRun({ onFinished }: { onFinished: () => void }) {
  const { state } = useWorkspace();
  const [chosen, setChosen] = useState<Step>('welcome');
  // From one step to the next: whoever has just chosen it need not type it again.
  const [typedKey, setTypedKey] = useState<TypedKey>();
  // Once the catalog is made there is no way back before it; nor before it is made, a way beyond.
  const step = state === 'open' ? (chosen === 'start' ? 'start' : 'recovery') : chosen;
  const now = STEPS.findIndex(({ id }) => id === step);
  const { title, ...rest } = STEPS[now]!;
  return (
    <EntryFrame
      key={step}
      title={title}
      steps={{ names: STEPS.map(({ name }) => name), now }}
      {...('lead' in rest && { lead: rest.lead })}
    >
      {step === 'welcome' && <WelcomeStep onNext={() => setChosen('storage')} />}
      {step === 'storage' && (
        <StorageStep onBack={() => setChosen('welcome')} onNext={() => setChosen('encryption')} />
      )}
      {step === 'encryption' && (
        <EncryptionStep
          onBack={() => setChosen('storage')}
          onCreated={(key) => {
            setTypedKey(key);
            setChosen('recovery');
          }}
        />
      )}
      {step === 'recovery' && (
        <RecoveryStep
          presentKey={typedKey}
          onNext={() => {
            setTypedKey(undefined);
            setChosen('start');
          }}
        />
      )}
      {step === 'start' && (
        <StartStep
          onFinished={(path) => {
            location.hash = path;
            onFinished();
          }}
        />
      )}
    </EntryFrame>
  );
}
