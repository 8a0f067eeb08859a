import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Page } from '@playwright/test';
import type { appContract } from '../../contract/app.ts';

let last = 0;

/**
 * The engine behind a window of the desktop program, over a port of the window's own: what a test needs to see of it, or to have
 * it do, that no screen is about.
 */
export async function engineBehind(page: Page): Promise<ContractRouterClient<typeof appContract>> {
  const name = `test${++last}`;
  const listeners: ((event: { data: unknown }) => void)[] = [];
  await page.exposeFunction(`${name}Heard`, (text: string) => {
    const message = JSON.parse(text) as { i: string };
    const [, ours, i] = /^(test\d+-)(.*)$/.exec(message.i) ?? [];
    if (ours === `${name}-`)
      for (const listener of listeners) listener({ data: JSON.stringify({ ...message, i }) });
  });
  await page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        const ours = window as unknown as Record<string, unknown>;
        const take = ({ ports: [port] }: MessageEvent): void => {
          if (!port) return;
          removeEventListener('message', take);
          port.addEventListener('message', ({ data }) =>
            (ours[`${name}Heard`] as (data: unknown) => void)(data),
          );
          port.start();
          ours[name] = port;
          resolve();
        };
        addEventListener('message', take);
        (ours['drawbridge'] as { requestPort(): void }).requestPort();
      }),
    name,
  );
  const port = {
    addEventListener(event: string, listener: (event: { data: unknown }) => void) {
      if (event === 'message') listeners.push(listener);
    },
    // The page uses this port as well, and counts its calls as we do.
    postMessage(text: string) {
      const message = JSON.parse(text) as { i: string };
      void page.evaluate(
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
        ([name, text]) => (window as unknown as Record<string, MessagePort>)[name]!.postMessage(text),
        [name, JSON.stringify({ ...message, i: `${name}-${message.i}` })] as const,
      );
    },
  };
  return createORPCClient(new RPCLink({ port: port as never }));
}
