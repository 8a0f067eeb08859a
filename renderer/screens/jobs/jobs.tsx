import { Page, Waiting } from '../../design/page.tsx';

export default function Jobs() {
  return (
    <Page title="Jobs">
      <Waiting />
    </Page>
  );
}
