import { Page, Waiting } from '../../design/page.tsx';

export default function Home() {
  return (
    <Page title="Home">
      <Waiting />
    </Page>
  );
}
