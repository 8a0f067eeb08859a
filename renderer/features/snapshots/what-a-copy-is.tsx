import { List, Text } from '@mantine/core';

/** What becomes of people in a pseudonymised copy, for somebody who has never made one. */
export function WhatACopyIs({
  keepDomains,
  takesClientSecret,
}: {
  keepDomains: boolean;
  /** A secret for clients can be given beside it. A password can in any case. */
  takesClientSecret: boolean;
}) {
  return (
    <List size="sm" spacing={4} aria-label="What a pseudonymised copy is">
      <List.Item>
        <strong>Replaced</strong> by made-up ones: the names, e-mail addresses, ids and social links of every
        user, also where they are mentioned elsewhere, such as in descriptions
        {keepDomains
          ? '; but the domains of addresses stay'
          : '. No mail is ever delivered to the new addresses'}
        . In this catalog the same person always becomes the same made-up one.
      </List.Item>
      <List.Item>
        <strong>Taken out</strong>:{' '}
        {takesClientSecret
          ? 'passwords and secrets of clients, unless you give one below, and second factors'
          : 'passwords, unless you give one below, second factors, and secrets of clients'}
        ; also what Drawbridge does not know of users, since it may hold anything.
      </List.Item>
      <List.Item>
        <strong>Stays</strong>: how many users there are, who has which roles and groups, and roles, groups,
        clients, policies and settings. Where one of these is named after a user, that name stays too, and a
        warning says where. So do, without a warning, first names alone in texts, and people there who are no
        users: look at the copy before you give it away.
      </List.Item>
      <List.Item>
        <strong>Cannot be undone</strong>: nobody can get the real names, passwords and secrets back from the
        copy; Drawbridge cannot either. The original is not changed.
      </List.Item>
    </List>
  );
}

/** The same in a sentence, for where a copy is met. */
export const COPY_MEANING =
  'Its people are made up, and cannot be turned back into the real ones; roles, clients and settings are those of the original. It is never taken for a backup.';

/** The end of what a dialog or a step tells of it. */
export function NeverABackup() {
  return (
    <Text size="sm">
      The copy becomes a snapshot of its own, is marked wherever it is shown, and is never taken for a backup.
    </Text>
  );
}
