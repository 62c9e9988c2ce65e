/**
 * Sessions as they lie in the entries table.
 *
 *   what                                  partition                          sort key
 *   a session that its enforcement        T#<tenant>#SESSIONS#<ip>           OPEN#<credential>#<id>
 *   point has not closed
 *   what stays of one that it closed      the same                           OVER#<credential>#<id>#<opened at>
 *   how many of an entry's are managed    the same                           COUNT#<held since>#<origin>#<domain>\<user>
 *   where the session of an id is         T#<tenant>#SESSION#<credential>#<id>   ID
 *
 * Neither a tenant's id nor a credential's holds a `#`, so no two of either share a key, whatever is in the session's id.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { IpAddress } from '../identity/address.ts';
import { origins } from '../identity/observation.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ClosedSession, forgottenAt, type Session, type SessionKey, type SessionPlace, toldForMs } from './session.ts'; // prettier-ignore
import type { Counter, SessionEntry } from './sessions.ts';

export type Attributes = Record<string, AttributeValue>;

export const partition = (tenant: TenantId, ip: IpAddress): string => `T#${tenant}#SESSIONS#${ip}`;

const key = (pk: string, sk: string): Attributes => ({ [keys.partition]: { S: pk }, [keys.sort]: { S: sk } });

export const openPlace = (tenant: TenantId, { ip, credentialId, id }: SessionPlace): Attributes =>
  key(partition(tenant, ip), `OPEN#${credentialId}#${id}`);

/** Instants have thirteen digits until the year 2286. */
export const overSort = ({ credentialId, id, openedAt }: Session): string => `OVER#${credentialId}#${id}#${openedAt}`;

export const overPlace = (tenant: TenantId, session: Session): Attributes =>
  key(partition(tenant, session.ip), overSort(session));

export const counterPlace = (tenant: TenantId, { ip, tenure }: SessionEntry): Attributes =>
  key(partition(tenant, ip), `COUNT#${tenure.heldSince}#${tenure.origin}#${tenure.domain}\\${tenure.user}`);

export const idPlace = (tenant: TenantId, { credentialId, id }: SessionKey): Attributes =>
  key(`T#${tenant}#SESSION#${credentialId}#${id}`, 'ID');

const session = {
  credentialId: v.string(),
  id: v.string(),
  ip: v.custom<IpAddress>((value) => typeof value === 'string'),
  tenure: v.exactOptional(
    v.object({
      slot: v.picklist(['userid', 'local', 'swg', 'fwauth', 'uac']),
      origin: v.picklist(origins),
      domain: v.string(),
      user: v.string(),
      heldSince: v.number(),
    }),
  ),
  openedAt: v.number(),
  heardAt: v.number(),
};
const stored = v.union([
  v.object({
    ...session,
    ending: v.object({ at: v.number(), reason: v.string() }),
    bytesIn: v.exactOptional(v.number()),
    bytesOut: v.exactOptional(v.number()),
    toldReason: v.exactOptional(v.string()),
  }),
  v.object(session),
]);
const counter = v.object({ managed: v.number(), changes: v.number(), countedAt: v.number() });
const pointer = v.object({
  ip: v.custom<IpAddress>((value) => typeof value === 'string'),
  over: v.exactOptional(v.string()),
});

export const sessionFrom = (item: Attributes): Session | ClosedSession => v.parse(stored, unmarshall(item));
export const counterFrom = (item: Attributes): Counter => v.parse(counter, unmarshall(item));
export const pointerFrom = (item: Attributes): v.InferOutput<typeof pointer> => v.parse(pointer, unmarshall(item));

const attributes = (value: object, deleteAt: number): Attributes =>
  marshall({ ...value, [keys.timeToLive]: Math.ceil(deleteAt / 1_000) }, { removeUndefinedValues: true });

export const openItem = (tenant: TenantId, one: Session): Attributes => ({
  ...attributes(one, forgottenAt(one)),
  ...openPlace(tenant, one),
});

export const overItem = (tenant: TenantId, closed: ClosedSession): Attributes => ({
  ...attributes(closed, closed.ending.at + toldForMs),
  ...overPlace(tenant, closed),
});

/** Says under which address to look, and which session it is if it is over. */
export const idItem = (tenant: TenantId, one: Session | ClosedSession): Attributes => ({
  ...('ending' in one
    ? attributes({ ip: one.ip, over: overSort(one) }, one.ending.at + toldForMs)
    : attributes({ ip: one.ip }, forgottenAt(one))),
  ...idPlace(tenant, one),
});
