import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { appContract } from '../../contract/app.ts';
import type { EngineConnection, WindowHost } from './host.ts';
import { tellingLostLine, watchLine } from './lost-line.ts';

export type AppClient = ContractRouterClient<typeof appContract>;

export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly client: AppClient; readonly times: number }
  /** The engine or the line to it is gone; `client` is the last one, whose calls fail. */
  | { readonly state: 'lost'; readonly client: AppClient };

/** The line to the engine, as React sees an outside store. */
export class Connection {
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = { state: 'connecting' };
  #times = 0;

  constructor(host: Pick<WindowHost, 'onConnection'>) {
    host.onConnection(
      (connection) => this.#set({ state: 'connected', client: clientOver(connection), times: ++this.#times }),
      () => {
        if (this.#state.state !== 'connecting') this.#set({ state: 'lost', client: this.#state.client });
      },
    );
  }

  readonly state = (): ConnectionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(state: ConnectionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function clientOver(connection: EngineConnection): AppClient {
  const isLost = watchLine(connection);
  return createORPCClient(tellingLostLine(linkOver(connection), isLost));
}

function linkOver(connection: EngineConnection): ClientLink<ClientContext> {
  if (connection.kind === 'socket') return new SocketLink({ websocket: connection.socket });
  connection.port.start();
  return new PortLink({ port: connection.port });
}
