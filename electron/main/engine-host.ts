import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { app, MessageChannelMain, utilityProcess, type MessagePortMain } from 'electron';
import type { FromEngine, ToEngine } from '../engine/messages.ts';
import { PLACES, root } from './places.ts';

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
    : asChildProcess(otherNode(), args, events);
}

function asUtilityProcess(args: readonly string[], events: EngineEvents): EngineHost {
  const engine = utilityProcess.fork(PLACES.engine, [...args], {
    serviceName: 'Drawbridge engine',
    stdio: ['ignore', 'inherit', 'pipe'],
    env: engineEnvironment(),
  });
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
    kill: () => void engine.kill(),
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
    env: engineEnvironment(),
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

function engineEnvironment(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...env } = process.env;
  return env;
}

/** What the chunks of a catalog are compressed with came with this version. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 6);
}

/**
 * A Node.js that can run the engine: the one that is named, which only an Electron that is too old asks for; else the one of the
 * checkout, else the first one on the path. Never one of the folder that this was started in: that is anybody's.
 *
 * @throws Error where there is none
 */
export function otherNode(): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const named = process.env['DRAWBRIDGE_NODE'];
  const path = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  const own = app.isPackaged ? undefined : join(root, 'node_modules/.bin', name);
  const found = [named, own, ...path].find(
    (file) => file && existsSync(file) && isNewEnough(versionOf(file)),
  );
  if (found === undefined)
    throw new Error(
      'Drawbridge needs Node.js 24.6 or newer here, and there is none: name one in DRAWBRIDGE_NODE.',
    );
  return found;
}

function versionOf(node: string): string {
  return spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.trim() ?? '';
}
