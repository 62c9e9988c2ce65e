/** Somebody is about to tell a switch: the change that is next is read, made ready, and taken for as long as that may last. */
import type { RadiusClient } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ChangeRequest, changeRequest } from './change-request.ts';
import { nextChange } from './changes.ts';
import type { Change, Endpoint, EndpointSession } from './endpoint.ts';
import { advanceEndpoint, type EndpointTable } from './endpoint-table.ts';
import type { EndpointEvent } from './events.ts';
import { accessOf, isSameAccess } from './holds.ts';
import type { Mac } from './mac.ts';
import { radiusClientOf } from './client-of-switch.ts';
import { sessionOf } from './sessions.ts';

export type SwitchClient = Omit<RadiusClient<unknown>, 'secret'>;

export interface TakenChange<Client extends SwitchClient = SwitchClient> {
  readonly mac: Mac;
  readonly change: Change;
  readonly client: Client;
  /** Where the switch is asked. */
  readonly server: { readonly address: string; readonly port: number };
  readonly request: ChangeRequest;
}

/** How soon it is looked at again: somebody has to write a configuration, or accounting follows its login. */
const lookAgainMs = { 'no-client': 60_000, 'no-session-id': 5_000 } as const;

/** More than an endpoint has sessions at a time; what is left is found by the next look. */
const mostLooks = 16;

/** `undefined`: nothing is to be sent now, or all that is cannot be yet. */
export async function takeChange<Client extends SwitchClient>(
  table: EndpointTable,
  tenant: TenantId,
  { mac, clients, leaseMs }: { readonly mac: Mac; readonly clients: readonly Client[]; readonly leaseMs: number },
): Promise<TakenChange<Client> | undefined> {
  for (let look = 0; look < mostLooks; look += 1) {
    let ready: Ready<Client> | undefined;
    const advanced = await advanceEndpoint(table, tenant, mac, (endpoint) => {
      ready = endpoint && nextReady(endpoint, clients, table.now());
      return ready && eventOf(ready, leaseMs);
    });
    if (advanced === undefined || ready === undefined) return undefined;
    const change = advanced.endpoint.changes.find(({ id }) => id === ready?.change.id);
    if (ready.step === 'send' && change?.state === 'sent') return { ...ready.sending, mac, change };
  }
  return undefined;
}

type Ready<Client extends SwitchClient> = { readonly change: Change } & (
  | { readonly step: 'send'; readonly sending: Omit<TakenChange<Client>, 'mac' | 'change'> }
  | { readonly step: 'delay'; readonly problem: keyof typeof lookAgainMs }
  /** Time or another event has overtaken it. */
  | { readonly step: 'look' }
);

function nextReady<Client extends SwitchClient>(
  endpoint: Endpoint,
  clients: readonly Client[],
  now: number,
): Ready<Client> | undefined {
  const change = nextChange(endpoint, now);
  if (change === undefined) return undefined;
  const session = sessionOf(endpoint, change.session);
  if (session?.endedAt !== null || !isStillWanted(endpoint, change, now)) {
    return { change, step: 'look' };
  }
  return { change, ...madeReady(endpoint.mac, session, clients, now) };
}

const isStillWanted = (endpoint: Endpoint, { session, wanted }: Change, now: number) =>
  isSameAccess(wanted, accessOf(endpoint, now, session));

function madeReady<Client extends SwitchClient>(
  mac: Mac,
  session: EndpointSession,
  clients: readonly Client[],
  now: number,
) {
  const client = radiusClientOf(clients, session.nas);
  if (client === undefined) return { step: 'delay', problem: 'no-client' } as const;
  const { request, problem } = changeRequest(client.make, mac, session, now);
  if (request === undefined) return { step: 'delay', problem } as const;
  return { step: 'send', sending: { client, server: serverOf(client, session.nas), request } } as const;
}

/** A client's own address; of a client that is a whole prefix, the switch's. */
const serverOf = ({ address, changePort }: SwitchClient, nas: IpAddress) => ({
  address: address.includes('/') ? nas : address,
  port: changePort,
});

function eventOf<Client extends SwitchClient>(ready: Ready<Client>, leaseMs: number): EndpointEvent {
  const changeId = ready.change.id;
  switch (ready.step) {
    case 'look':
      return { kind: 'looked-at' };
    case 'delay':
      return { kind: 'change-delayed', changeId, delayMs: lookAgainMs[ready.problem], detail: ready.problem };
    case 'send': {
      const { address, port } = ready.sending.server;
      const detail = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
      return { kind: 'change-taken', changeId, leaseMs, detail };
    }
  }
}
