import { Select } from '@mantine/core';

const ZONES: readonly string[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

/** This computer's. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whose clock is meant: found by typing a part of its name. */
export function TimeZoneSelect({
  label,
  value,
  onChange,
  error,
  description = `${value === HERE ? 'this computer’s' : 'not this computer’s'}; type to find another`,
}: {
  label: string;
  value: string;
  onChange: (zone: string) => void;
  error?: string | undefined;
  description?: string;
}) {
  return (
    <Select
      label={label}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={ZONES.includes(value) ? ZONES : [value, ...ZONES]}
      value={value}
      error={error}
      onChange={(zone) => zone !== null && onChange(zone)}
      searchable
      limit={50}
      allowDeselect={false}
      nothingFoundMessage="No such time zone"
    />
  );
}
