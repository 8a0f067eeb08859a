import { fork, type ChildProcess } from 'node:child_process';
import { MessageChannelMain, utilityProcess, type MessagePortMain } from 'electron';
import type { FromEngine, ToEngine } from '../engine/messages.ts';
import { isNewEnough, nodeEnvironment, otherNode } from './other-node.ts';
import { PLACES } from './places.ts';

/** The engine's process, whatever kind it is. */
export interface EngineHost {
  readonly pid: number | undefined;
  /** A new line to it. */
  connect(): MessagePortMain;
  tell(message: ToEngine): void;
  kill(): void;
}

export interface EngineEvents {
  readonly onMessage: (message: FromEngine) => void;
  readonly onComplaint: (text: string) => void;
  readonly onExit: (code: number | null) => void;
}

/**
 * Starts the engine's process: a utility process, which is given ports; or, in an Electron whose own Node.js cannot run the
 * engine, a Node.js that can, to which messages are carried.
 *
 * @throws Error where neither is to be had
 */
export function startEngine(args: readonly string[], events: EngineEvents): EngineHost {
  return isNewEnough(process.versions.node)
    ? asUtilityProcess(args, events)
    : asChildProcess(otherNode(PLACES.ownNode), args, events);
}

function asUtilityProcess(args: readonly string[], events: EngineEvents): EngineHost {
  const engine = utilityProcess.fork(PLACES.engine, [...args], {
    serviceName: 'Drawbridge engine',
    stdio: ['ignore', 'inherit', 'pipe'],
    env: nodeEnvironment(),
  });
  const end = (): void => {
    try {
      // Electron's own way is a SIGTERM, which the engine leaves to the main process.
      if (engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
    } catch (error) {
      // It has just ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  engine.on('message', events.onMessage);
  engine.stderr?.on('data', (text: Buffer) => events.onComplaint(text.toString()));
  engine.on('exit', (code) => events.onExit(code));
  return {
    get pid() {
      return engine.pid;
    },
    connect() {
      const { port1, port2 } = new MessageChannelMain();
      engine.postMessage({ kind: 'port', id: 0 } satisfies ToEngine, [port2]);
      return port1;
    },
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process, not a window
    tell: (message) => engine.postMessage(message),
    // It has no number before it was spawned, and none when it has ended.
    kill: () => void (engine.pid === undefined ? engine.once('spawn', end) : end()),
  };
}

function asChildProcess(node: string, args: readonly string[], events: EngineEvents): EngineHost {
  const lines = new Map<number, MessagePortMain>();
  let next = 1;
  const engine: ChildProcess = fork(PLACES.engine, [...args], {
    execPath: node,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: nodeEnvironment(),
  });
  const tell = (message: ToEngine): void => {
    // A process that is just ending: what it would have been told is of no use any more, and its exit is told.
    if (engine.connected) engine.send(message, () => undefined);
  };
  engine.on('message', (message: FromEngine) => {
    if (message.kind === 'data') lines.get(message.id)?.postMessage(message.data);
    else events.onMessage(message);
  });
  engine.stderr?.on('data', (text: Buffer) => events.onComplaint(text.toString()));
  engine.on('error', (error) => {
    events.onComplaint(error.message);
    // One that could not be started does not end, either.
    if (engine.pid === undefined) events.onExit(null);
  });
  engine.on('exit', (code) => {
    for (const port of lines.values()) port.close();
    events.onExit(code);
  });
  return {
    get pid() {
      return engine.pid;
    },
    connect() {
      const id = next++;
      const { port1, port2 } = new MessageChannelMain();
      lines.set(id, port2);
      tell({ kind: 'port', id });
      port2.on('message', ({ data }) => tell({ kind: 'data', id, data: data as unknown }));
      port2.on('close', () => {
        lines.delete(id);
        tell({ kind: 'hang-up', id });
      });
      port2.start();
      return port1;
    },
    tell,
    kill: () => void engine.kill('SIGKILL'),
  };
}
