import { Button, Stack, Text } from '@mantine/core';

export function WelcomeStep({ onNext }: { onNext: () => void }) {
  return (
    <Stack gap="lg">
      <Text>
        Drawbridge backs up the realms of your OpenGate installations, compares them, and moves them from one
        installation to another. It writes to an installation only what you have seen and confirmed, and takes
        a backup just before, with which that can be undone as far as the channel to the installation allows.
      </Text>
      <Text size="sm" c="dimmed">
        Setting up takes two minutes: a folder, a passphrase, a recovery key. No account is needed, and
        nothing is sent anywhere.
      </Text>
      <Button w="fit-content" data-autofocus onClick={onNext}>
        Set up Drawbridge
      </Button>
    </Stack>
  );
}
