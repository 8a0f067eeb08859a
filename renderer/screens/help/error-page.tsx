import { Button, Text } from '@mantine/core';
import { Link } from 'wouter';
import { ERROR_HELP } from '../../../contract/error-help.ts';
import { ERROR_CODES, type ErrorCode } from '../../../contract/errors.ts';
import { Empty } from '../../design/empty.tsx';
import { Page, Section } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';
import { BackToHelp } from './back-to-help.tsx';

/** What one error means. The error itself names the realm, file or server where it happened. */
export function ErrorPage({ code }: { code: string }) {
  const back = <BackToHelp to="/help/errors">Every error</BackToHelp>;
  if (!isCode(code))
    return (
      <Page title="Unknown error" lead={back}>
        <Empty title="There is no error of this code">
          It may be one of another version of Drawbridge. Every code that this one knows is in the list.
        </Empty>
      </Page>
    );
  const { cause, remedy, notChanged } = ERROR_HELP[code];
  return (
    <Page
      title={code}
      lead={back}
      actions={
        <Button variant="default" onClick={() => window.history.back()}>
          Back to where it happened
        </Button>
      }
    >
      <Section title="What has happened">
        <Text size="sm" maw="75ch">
          <Told whole>{cause}</Told>
        </Text>
      </Section>
      <Section title="What to do">
        <Text size="sm" maw="75ch">
          <Told whole>{remedy}</Told>
        </Text>
        {code === 'UNSUPPORTED_BY_ROUTE' && (
          <Button component={Link} href="/help/routes" variant="default" size="compact-sm" mt="sm">
            What each channel can do
          </Button>
        )}
      </Section>
      <Section title="What was not changed">
        <Text size="sm" maw="75ch">
          <Told whole>{notChanged}</Told>
        </Text>
      </Section>
    </Page>
  );
}

function isCode(text: string): text is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(text);
}
