import { Anchor, Table, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { ERROR_HELP } from '../../../contract/error-help.ts';
import { ERROR_CODES } from '../../../contract/errors.ts';
import { Page, Section } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';
import { BackToHelp } from './back-to-help.tsx';
import { windowText } from '../../wording/window-words.ts';

/** Every error code, found by its name or by a word of its texts. */
export function Errors() {
  const [wanted, setWanted] = useState('');
  const words = wanted.toLowerCase().split(/\s+/);
  const found = ERROR_CODES.filter((code) => {
    const { cause, remedy } = ERROR_HELP[code];
    const text = `${code} ${windowText(`${cause} ${remedy}`)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <Page title="Every error" lead={<BackToHelp />}>
      <Section title={`${found.length} of ${ERROR_CODES.length} codes`}>
        <TextInput
          label="Find"
          placeholder="a code or a word"
          value={wanted}
          onChange={({ currentTarget }) => setWanted(currentTarget.value)}
          mb="sm"
          maw={360}
        />
        {found.length === 0 && <Text size="sm">No error is described by these words.</Text>}
        <Table verticalSpacing={8} aria-label="Error codes">
          <Table.Tbody>
            {found.map((code) => (
              <Table.Tr key={code}>
                <Table.Th scope="row" w={230} fw={500}>
                  <Anchor component={Link} href={`/help/errors/${code}`} size="sm">
                    {code}
                  </Anchor>
                </Table.Th>
                <Table.Td>
                  <Told whole>{ERROR_HELP[code].cause}</Told>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
    </Page>
  );
}
