import { Page, Waiting } from '../../design/page.tsx';

export default function Schedules() {
  return (
    <Page title="Schedules">
      <Waiting />
    </Page>
  );
}
