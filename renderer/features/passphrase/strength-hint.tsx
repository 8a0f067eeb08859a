import { Group, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import classes from './strength-hint.module.css';
import { strengthOf, type Strength } from './strength.ts';

const GRADES = ['weak', 'fair', 'good', 'strong'] as const;

/** What the passphrase that is being typed is worth, in words and as a bar. It forbids nothing. */
export function StrengthHint({ passphrase }: { passphrase: string }) {
  const strength = useStrength(passphrase);
  if (!strength) return null;
  const level = GRADES.indexOf(strength.grade);
  return (
    <div role="status">
      <Group gap="xs" wrap="nowrap" mb={4}>
        <div className={classes.bar} aria-hidden>
          {GRADES.map((grade, at) => (
            <span key={grade} data-grade={at <= level ? strength.grade : undefined} />
          ))}
        </div>
        <Text size="xs" fw={600} tt="capitalize">
          {strength.grade}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {strength.says} {strength.advice}
      </Text>
    </div>
  );
}

function useStrength(passphrase: string): Strength | undefined {
  const [strength, setStrength] = useState<Strength>();
  useEffect(() => {
    let current = true;
    // Not at every key: a look takes some tens of milliseconds.
    const timer = setTimeout(() => {
      if (passphrase === '') setStrength(undefined);
      else
        strengthOf(passphrase).then(
          (found) => current && setStrength(found),
          // The lists could not be fetched: nothing is said of what is not known.
          () => current && setStrength(undefined),
        );
    }, 200);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [passphrase]);
  return passphrase === '' ? undefined : strength;
}
