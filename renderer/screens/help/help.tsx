import { Page, Waiting } from '../../design/page.tsx';

export default function Help() {
  return (
    <Page title="Help">
      <Waiting />
    </Page>
  );
}
