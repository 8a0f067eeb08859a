import { Page, Waiting } from '../../design/page.tsx';

export default function Migrate() {
  return (
    <Page title="Migrate">
      <Waiting />
    </Page>
  );
}
