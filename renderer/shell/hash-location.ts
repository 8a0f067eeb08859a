import { useSyncExternalStore } from 'react';
import type { BaseLocationHook, BaseSearchHook } from 'wouter';

/**
 * Where the window is, as the part of its address behind `#` tells it: `#/compare?left=…&right=…` is the path `/compare`
 * with a query. The rest of the address belongs to the page, and never changes.
 */
function parts(): readonly [path: string, query: string] {
  const [path = '', ...query] = location.hash.replace(/^#?\/?/, '').split('?');
  return [`/${path}`, query.join('?')];
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

function navigate(
  to: string,
  { replace = false, state = null }: { replace?: boolean; state?: unknown } = {},
): void {
  const { href } = location;
  history[replace ? 'replaceState' : 'pushState'](state, '', `#${to.startsWith('/') ? '' : '/'}${to}`);
  window.dispatchEvent(new HashChangeEvent('hashchange', { oldURL: href, newURL: location.href }));
}

/** For wouter's Router: paths, without their query. */
export const useHashPath: BaseLocationHook = Object.assign(
  (): [string, typeof navigate] => [useSyncExternalStore(subscribe, () => parts()[0]), navigate],
  { hrefs: (href: string) => `#${href}` },
);

/** For wouter's Router: the query, which screens read by `useSearchParams`. */
export const useHashQuery: BaseSearchHook = () => useSyncExternalStore(subscribe, () => parts()[1]);
