import type { MessagePortMain, ParentPort } from 'electron';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { FromEngine, ToEngine } from './messages.ts';

export type EnginePort = MessagePort | MessagePortMain;

interface Parent {
  tell(message: FromEngine): void;
  /** Each new line, the main process's own or a window's. */
  onPort(take: (port: EnginePort) => void): void;
  /** Asked to close, or the parent is gone: then nobody is there to be told. */
  onClose(close: () => void): void;
}

/** The process that started this one: Electron's main process, which forks a utility process or a Node of its own. */
export function parentProcess(): Parent {
  const port = (process as { parentPort?: ParentPort }).parentPort;
  return port ? overParentPort(port) : overChannel();
}

function overParentPort(parent: ParentPort): Parent {
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Electron's, not a window
    tell: (message) => parent.postMessage(message),
    onPort: (take) =>
      parent.on('message', ({ data, ports }: { data: ToEngine; ports: MessagePortMain[] }) => {
        const [port] = ports;
        if (data.kind !== 'port' || !port) return;
        take(port);
        port.start();
      }),
    // A utility process does not outlive its parent.
    onClose: (close) =>
      parent.on('message', ({ data }: { data: ToEngine }) => {
        if (data.kind === 'close') close();
      }),
  };
}

/** A forked Node cannot be given a port of Electron's: the messages of each line come and go by its number. */
function overChannel(): Parent {
  const lines = new Map<number, MessagePort>();
  const tell = (message: FromEngine): void => {
    if (process.connected) process.send?.(message);
  };
  return {
    tell,
    onPort: (take) =>
      process.on('message', (message: ToEngine) => {
        if (message.kind === 'port') {
          const { port1, port2 } = new MessageChannel();
          lines.set(message.id, port1);
          port1.on('message', (data: unknown) => tell({ kind: 'data', id: message.id, data }));
          take(port2);
        } else if (message.kind === 'data') lines.get(message.id)?.postMessage(message.data);
        else if (message.kind === 'hang-up') {
          lines.get(message.id)?.close();
          lines.delete(message.id);
        }
      }),
    onClose(close) {
      process.on('disconnect', close);
      process.on('message', (message: ToEngine) => {
        if (message.kind === 'close') close();
      });
    },
  };
}
