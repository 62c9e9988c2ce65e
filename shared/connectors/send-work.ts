/**
 * Where work for connectors goes. A ClearPass is connected to from its query cell alone, whatever for, so that it never
 * sees more connections of ours than it bears; everything else waits in the queue of connectors.
 */
import type { Connector } from '../configuration/threat-response.ts';
import { type ServerName, serverName } from '../user-query/servers.ts';
import type { ConnectorMessage } from './connector-message.ts';

export interface WorkQueues {
  readonly connectors: { readonly send: (message: ConnectorMessage, delaySeconds: number) => Promise<void> };
  readonly cells: {
    readonly send: (cell: number, message: ConnectorMessage, delaySeconds: number) => Promise<void>;
  };
  readonly cellOf: (server: ServerName) => Promise<number>;
}

/** The queue of connectors, or a query cell by its number. */
export type WorkPlace = 'connectors' | number;

type Reached = Pick<Connector<unknown>, 'type' | 'address' | 'port'>;

/** Where a connector is connected to from. */
export const placeOf = async ({ cellOf }: Pick<WorkQueues, 'cellOf'>, connector: Reached): Promise<WorkPlace> =>
  connector.type === 'clearpass' ? cellOf(serverName(connector)) : 'connectors';

/** To where that connector is connected to from; where none is named, to the queue of connectors, which hands it on. */
export async function sendWork(
  queues: WorkQueues,
  message: ConnectorMessage,
  connector?: Reached,
  delaySeconds = 0,
): Promise<void> {
  await sendTo(queues, message, connector ? await placeOf(queues, connector) : 'connectors', delaySeconds);
}

export const sendTo = async (
  { connectors, cells }: WorkQueues,
  message: ConnectorMessage,
  place: WorkPlace,
  delaySeconds: number,
): Promise<void> =>
  place === 'connectors' ? connectors.send(message, delaySeconds) : cells.send(place, message, delaySeconds);
