import { Page, Waiting } from '../../design/page.tsx';

export default function Environments() {
  return (
    <Page title="Environments">
      <Waiting />
    </Page>
  );
}
