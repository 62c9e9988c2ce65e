/**
 * Accounting opens, updates and closes the sessions of endpoints, and teaches their addresses. A switch repeats a record
 * until it is answered, so whatever can be read is answered, and what is of no use is told with it.
 */
import { type AdvancedEndpoint, advanceEndpoint, type EndpointTable } from '../endpoints/endpoint-table.ts';
import type { AccountingTold } from '../endpoints/events.ts';
import type { Mac } from '../endpoints/mac.ts';
import { sessionOf } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import { allDone } from '../identity/authentication-table.ts';
import type { AccessLog } from '../journal/access-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { dateOf, first, numberOf, type RadiusAttributes } from '../wire/radius/rest.ts';
import { framedAddresses, loginIdIn, nasOf, type Places, readTold, realmOf, type Refusal, type Told, unknownNas } from './access-request.ts'; // prettier-ignore
import { type AfterAdvance, afterAdvance } from './after-advance.ts';

export interface Accounting extends EndpointTable, AfterAdvance {
  readonly settingsOf: (tenant: TenantId) => Promise<Places>;
  readonly accessLog: Pick<AccessLog, 'tell'>;
  /** Hears of records that were of no use. */
  readonly passedOver: (tenant: TenantId, passed: Passed) => void;
  /** Decides what waits for the session itself, whose login may not have come to us. */
  readonly settleLoggedIn: (tenant: TenantId, mac: Mac) => Promise<void>;
  /** Decides what waits for whoever had this address, and for the session. */
  readonly settlePending: (tenant: TenantId, mac: Mac, ip: IpAddress) => Promise<void>;
}

export interface Arrival {
  readonly tenant: TenantId;
  readonly receivedAt: number;
  /** The switches' clocks are not to be trusted. */
  readonly orderByArrival: boolean;
}

/** Why a record was of no use. */
export type Passed = { readonly code: Refusal['code'] | 'status-passed-over' | 'session-id-missing'; readonly message: string }; // prettier-ignore

export type Accounted = { readonly result: 'taken' } | { readonly result: 'passed-over'; readonly passed: Passed };

type Status = AccountingTold['status'] | 'restart';

const statuses: Readonly<Record<string, Status>> = {
  start: 'start',
  '1': 'start',
  stop: 'stop',
  '2': 'stop',
  'interim-update': 'interim',
  alive: 'interim',
  '3': 'interim',
  'accounting-on': 'restart',
  '7': 'restart',
  'accounting-off': 'restart',
  '8': 'restart',
};

export async function account(deps: Accounting, arrival: Arrival, attributes: RadiusAttributes): Promise<Accounted> {
  const accounted = await accountedFor(deps, arrival, attributes);
  if (accounted.result === 'passed-over') deps.passedOver(arrival.tenant, accounted.passed);
  return accounted;
}

async function accountedFor(deps: Accounting, arrival: Arrival, attributes: RadiusAttributes): Promise<Accounted> {
  const text = first(attributes, 'Acct-Status-Type') ?? '';
  const status = statuses[text.toLowerCase()];
  if (status === undefined) {
    const message = `Acct-Status-Type "${text.slice(0, 64)}" says nothing of a session. Send Start, Interim-Update, Stop, Accounting-On or Accounting-Off.`;
    return passedOver({ code: 'status-passed-over', message });
  }
  const settings = await deps.settingsOf(arrival.tenant);
  return status === 'restart' ? restarted(deps, arrival, attributes, settings) : told(deps, arrival, attributes, settings, status); // prettier-ignore
}

const passedOver = (passed: Passed): Accounted => ({ result: 'passed-over', passed });

/** Seconds since 1970, as our configuration of a site has them sent: rlm_rest writes a date in the site's own time zone. */
const secondsOfEvent = 'Tmp-Integer-0';

/** When it happened, by the switch's clock: a record may have waited there for us to answer. */
function instantOf(attributes: RadiusAttributes, { receivedAt, orderByArrival }: Arrival): number {
  const delayMs = (numberOf(attributes, 'Acct-Delay-Time') ?? 0) * 1_000;
  const sent = orderByArrival ? undefined : (dateOf(attributes, secondsOfEvent) ?? dateOf(attributes, 'Event-Timestamp')); // prettier-ignore
  return Math.max(0, (sent ?? receivedAt) - delayMs);
}

async function told(
  deps: Accounting,
  arrival: Arrival,
  attributes: RadiusAttributes,
  settings: Places,
  status: AccountingTold['status'],
): Promise<Accounted> {
  const read = readTold(attributes, settings);
  if (read.refusal) return passedOver(read.refusal);
  const { nas, mac, port, ssid, user, acctSessionId, realm } = read.told;
  if (acctSessionId === null) {
    const message = 'A record without Acct-Session-Id belongs to no session. Have the switch send it.';
    return passedOver({ code: 'session-id-missing', message });
  }
  const addresses = framedAddresses(attributes);
  const { domain } = realm;
  const instant = instantOf(attributes, arrival);
  const said = { status, nas, acctSessionId, loginId: loginIdIn(attributes), port, ssid, user, instant };
  // One of each family at most is told, mostly, and each is an event of its own.
  for (const ip of addresses.length === 0 ? [null] : addresses) {
    const advanced = await advanceEndpoint(deps, arrival.tenant, mac, { kind: 'accounted', record: { ...said, ip } });
    if (advanced === undefined) continue;
    await afterAdvance(deps, arrival.tenant, { ...advanced, domain });
    if (status === 'stop') continue;
    if (ip !== null) await learned(deps, arrival.tenant, read.told, advanced, ip);
    else if (advanced.endpoint.waiting.length > 0) await deps.settleLoggedIn(arrival.tenant, mac);
  }
  return { result: 'taken' };
}

/** A login mostly has no address yet: its line in the user access log gets another beside it once it has one. */
async function learned(
  deps: Accounting,
  tenant: TenantId,
  { mac, realm, userName }: Told,
  advanced: AdvancedEndpoint,
  ip: IpAddress,
) {
  // prettier-ignore
  const hadIt = (endpoint: AdvancedEndpoint['before']) => endpoint?.addresses.some((each) => each.ip === ip && each.until === null) === true; // prettier-ignore
  await deps.settlePending(tenant, mac, ip);
  const session = advanced.session === undefined ? undefined : sessionOf(advanced.endpoint, advanced.session);
  if (session === undefined || hadIt(advanced.before) || !hadIt(advanced.endpoint)) return;
  const { granted, roles, nas, port } = session;
  const line = {
    id: deps.newId(),
    at: deps.now(),
    result: 'accepted',
    code: 'address-learned',
    message: `The session that began ${new Date(session.startedAt).toISOString()} has the address ${ip}.`,
    user: session.user ?? userName?.slice(0, 253) ?? null,
    realm: session.realm ?? realm.name,
    roles,
    quarantineRole: granted.access === 'quarantined' ? granted.role : null,
    mac,
    ip,
    nas,
    port,
    returnAttributes: null,
  } as const;
  await deps.accessLog.tell(tenant, [line]);
}

/** So many endpoints of a switch that began anew are ended at once. */
const atOnce = 25;

async function restarted(
  deps: Accounting,
  arrival: Arrival,
  attributes: RadiusAttributes,
  settings: Places,
): Promise<Accounted> {
  const { tenant } = arrival;
  const switched = nasOf(attributes, settings.radiusClients);
  if (switched === undefined) return passedOver(unknownNas(attributes));
  const { nas, client } = switched;
  const domain = realmOf(settings, client)?.domain ?? '';
  const event = { kind: 'nas-restarted', nas, instant: instantOf(attributes, arrival) } as const;
  const macs = await deps.endpoints.onNas(tenant, nas);
  for (let start = 0; start < macs.length; start += atOnce) {
    const ended = macs.slice(start, start + atOnce).map(async (mac) => {
      const advanced = await advanceEndpoint(deps, tenant, mac, event);
      if (advanced) await afterAdvance(deps, tenant, { ...advanced, domain });
    });
    await allDone(ended);
  }
  return { result: 'taken' };
}
