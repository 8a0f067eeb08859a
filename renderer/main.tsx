import '@fontsource/ibm-plex-sans/400.css';
import '@fontsource/ibm-plex-sans/500.css';
import '@fontsource/ibm-plex-sans/600.css';
import '@fontsource/ibm-plex-mono/400.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './design/base.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Connection } from './client/connection.ts';
import { desktopHost } from './client/desktop-host.ts';
import { loopbackHost } from './client/loopback-host.ts';
import { refuseStrayDrops } from './client/stray-drops.ts';
import { App } from './shell/app.tsx';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);

refuseStrayDrops(window);
const host = window.drawbridge ? desktopHost(window.drawbridge) : loopbackHost();
const connection = new Connection(host);
const root = document.getElementById('root');
if (!root) throw new Error('The page has no place to be drawn in.');
createRoot(root).render(
  <StrictMode>
    <App connection={connection} host={host} nonce={nonce} />
  </StrictMode>,
);
