import { Page, Waiting } from '../../design/page.tsx';

export default function Compare() {
  return (
    <Page title="Compare">
      <Waiting />
    </Page>
  );
}
