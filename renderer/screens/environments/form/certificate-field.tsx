import { Button, FileButton, Group, Text, Textarea } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import { messageOf } from '../../../../contract/wire.ts';
import type { Certificate } from './environment-form.ts';
import classes from './form.module.css';

/** What no certificate is larger than. Bytes. */
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
  const [unfit, setUnfit] = useState<string>();
  // The same file can be chosen again after it was corrected.
  const again = useRef<() => void>(null);
  const change = (next: Certificate): void => {
    setUnfit(undefined);
    onChange(next);
  };
  const read = async (file: File): Promise<void> => {
    again.current?.();
    const pem = await readPem(file);
    if ('unfit' in pem) setUnfit(pem.unfit);
    else change({ pem: pem.text, stored: false });
  };
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
          <Button size="compact-xs" variant="default" onClick={() => change({ pem: '', stored: false })}>
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
        error={unfit ?? error}
        onChange={(event) => change({ pem: event.currentTarget.value, stored: false })}
      />
      <FileButton
        accept=".pem,.crt,.cer"
        resetRef={again}
        inputProps={{ 'aria-label': `A file with: ${label}`, tabIndex: -1 }}
        onChange={(file) => {
          if (file) void read(file);
        }}
      >
        {(props) => (
          <Button
            {...props}
            size="compact-xs"
            variant="default"
            mt={6}
            aria-label={`Read it from a file… (${label})`}
          >
            Read it from a file…
          </Button>
        )}
      </FileButton>
    </div>
  );
}

/** What a file has, or why it is none of a certificate, as a sentence. */
async function readPem(file: File): Promise<{ text: string } | { unfit: string }> {
  if (file.size > LIMIT) return { unfit: `“${file.name}” is too large to be a certificate.` };
  try {
    const text = await file.text();
    if (text.includes('-----BEGIN ')) return { text };
    return { unfit: `“${file.name}” is not in PEM: convert it, or paste the certificate.` };
  } catch (error) {
    return { unfit: `“${file.name}” could not be read: ${messageOf(error)}` };
  }
}
