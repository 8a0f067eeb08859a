import { Button, FileButton, Group, Text, Textarea } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Certificate } from './environment-form.ts';
import classes from './form.module.css';

/** What no certificate is larger than. Characters. */
const LIMIT = 200_000;

/** A certificate in PEM: pasted or read from a file; or the one that is stored. */
export function CertificateField({
  label,
  description,
  value,
  error,
  onChange,
}: {
  label: string;
  description: ReactNode;
  value: Certificate;
  error?: ReactNode;
  onChange: (value: Certificate) => void;
}) {
  if (value.stored)
    return (
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Group gap="sm">
          <Text size="sm" c="dimmed">
            Stored, and stays as it is.
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => onChange({ pem: '', stored: false })}>
            Replace or remove: {label}
          </Button>
        </Group>
        {error && (
          <Text size="xs" c="var(--mantine-color-error)">
            {error}
          </Text>
        )}
      </div>
    );
  return (
    <div>
      <Textarea
        label={label}
        description={description}
        placeholder="-----BEGIN CERTIFICATE-----"
        classNames={{ input: classes.pem ?? '' }}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
        value={value.pem}
        error={error}
        onChange={(event) => onChange({ pem: event.currentTarget.value, stored: false })}
      />
      <FileButton
        accept=".pem,.crt,.cer,.key"
        inputProps={{ 'aria-label': `A file with: ${label}`, tabIndex: -1 }}
        onChange={(file) => {
          if (file && file.size <= LIMIT)
            void file.text().then((pem) => onChange({ pem: pem.slice(0, LIMIT), stored: false }));
        }}
      >
        {(props) => (
          <Button {...props} size="compact-xs" variant="default" mt={6}>
            Read it from a file…
          </Button>
        )}
      </FileButton>
    </div>
  );
}
