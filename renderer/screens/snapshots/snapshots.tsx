import { Page, Waiting } from '../../design/page.tsx';

export default function Snapshots() {
  return (
    <Page title="Snapshots">
      <Waiting />
    </Page>
  );
}
