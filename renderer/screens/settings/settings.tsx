import { Page, Waiting } from '../../design/page.tsx';

export default function Settings() {
  return (
    <Page title="Settings">
      <Waiting />
    </Page>
  );
}
