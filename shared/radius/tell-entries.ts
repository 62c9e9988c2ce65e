/**
 * Accounting is a source of identity, `unified-access-control`: who has logged in at an address is there while the session
 * has it. An entry is written when it is news, or half of its time is over, and not with every interim record.
 */
import type { Address, Endpoint, EndpointSession } from '../endpoints/endpoint.ts';
import type { AdvancedEndpoint } from '../endpoints/endpoint-table.ts';
import { lostMs, sessionOf } from '../endpoints/sessions.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Event } from '../identity/advance.ts';
import { advanceEntry, allDone, type AuthenticationTable, type EntryKey } from '../identity/authentication-table.ts';
import { entryIn, isLive, type Item } from '../identity/entry.ts';
import type { Logon } from '../identity/observation.ts';
import { observe } from '../identity/observe.ts';
import { slotOf } from '../identity/slots.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export interface TellEntries {
  readonly table: AuthenticationTable;
  /** Addresses and prefixes that no entry is kept of. */
  readonly excludedOf: (tenant: TenantId) => Promise<readonly string[]>;
}

const origin = 'unified-access-control';
/** As long as a session of which nothing is heard. */
const timeoutMinutes = lostMs / 60_000;

export interface ToldEndpoint extends AdvancedEndpoint {
  /** Of whoever's login did not come to us: that of the realm which would have taken it. */
  readonly domain: string;
}

/** Somebody at an address, by the word of a session. */
interface Presence {
  readonly ip: IpAddress;
  readonly user: string;
  readonly domain: string;
  readonly session: EndpointSession;
}

/** Whom an address belonged to and does not any more is logged off; whom it belongs to now is logged on. */
export async function tellEntries(deps: TellEntries, tenant: TenantId, advanced: ToldEndpoint): Promise<void> {
  const { before, endpoint, session, domain } = advanced;
  const had = before ? presencesIn(before, domain, isHeld) : [];
  const has = presencesIn(endpoint, domain, isHeld);
  // A stop that comes again logs off again: who answered it the first time may not have come so far.
  const over = presencesIn(endpoint, domain, (address, { key, endedAt }) => key === session && endedAt !== null && address.session === key); // prettier-ignore
  const left = [...had, ...over].filter((one) => !has.some((other) => isSame(one, other)));
  const here = has.filter((one) => one.session.key === session);
  if (left.length === 0 && here.length === 0) return;

  const now = deps.table.now();
  const isExcluded = addressSet(await deps.excludedOf(tenant));
  const events = [
    ...left.map((presence) => ({ presence, event: logoff(presence, lastWord(presence, before, endpoint, now), now) })),
    ...here.map((presence) => ({ presence, event: logon(presence, now) })),
  ];
  await allDone(
    events.map(async ({ presence: { ip }, event }) => {
      if (event === undefined || isExcluded(ip)) return;
      const key = { ip, slot: slotOf[origin] };
      if (event.kind === 'logon' && !(await isNews(deps, tenant, key, event.logon))) return;
      await advanceEntry(deps.table, tenant, key, event);
    }),
  );
}

type IsMeant = (address: Address, session: EndpointSession) => boolean;
const isHeld: IsMeant = ({ until }) => until === null;

function presencesIn(endpoint: Endpoint, unannounced: string, isMeant: IsMeant): readonly Presence[] {
  return endpoint.addresses.flatMap((address) => {
    const session = address.session === null ? undefined : sessionOf(endpoint, address.session);
    const user = session && personIn(session);
    if (session === undefined || user === undefined || address.source !== 'accounting') return [];
    const domain = session.realm === null ? unannounced : session.domain;
    return isMeant(address, session) ? [{ ip: address.ip, user, domain, session }] : [];
  });
}

/** A device that logged in by itself is nobody. */
const personIn = ({ user }: EndpointSession) => (user === null || /^host\//i.test(user) ? undefined : user);

const isSame = (one: Presence, other: Presence) =>
  one.ip === other.ip && one.user === other.user && one.domain === other.domain;

/** By the switch's clock; where that is off, or has told nothing yet, by ours. */
const told = (instant: number, now: number) => (Math.abs(now - instant) <= lostMs ? Math.min(instant, now) : now);

/** Later than all that the session told before, and not later than it has to be: another may begin at once. */
function lastWord({ session }: Presence, before: Endpoint | undefined, endpoint: Endpoint, now: number): number {
  const known = before && sessionOf(before, session.key);
  const last = sessionOf(endpoint, session.key) ?? session;
  return Math.max(told(last.instant, now), told((known ?? session).instant, now) + 1);
}

const logon = ({ ip, user, domain, session }: Presence, now: number): Event | undefined => {
  const { roles, instant } = session;
  const observed = observe(posted({ ip, user, domain, roles, operation: 'logon' }, told(instant, now)), arrivalAt(now));
  if ('fault' in observed || observed.observation.operation !== 'logon') return undefined;
  return { kind: 'logon', logon: observed.observation, timeoutMinutes };
};

const logoff = ({ ip, user, domain }: Presence, instant: number, now: number): Event | undefined => {
  const observed = observe(posted({ ip, user, domain, roles: [], operation: 'logoff' }, instant), arrivalAt(now)); // prettier-ignore
  if ('fault' in observed || observed.observation.operation !== 'logoff') return undefined;
  return { kind: 'logoff', logoff: observed.observation };
};

const arrivalAt = (now: number) => ({ origin, arrivedAt: now, order: 'by-instant' }) as const;

interface Word {
  readonly operation: 'logon' | 'logoff';
  readonly ip: IpAddress;
  readonly user: string;
  readonly domain: string;
  readonly roles: readonly string[];
}

const posted = ({ domain, ...word }: Word, instant: number) => ({
  ...word,
  domain: domain === '' ? 'GLOBAL' : domain,
  timestamp: new Date(instant).toISOString(),
  notes: [],
  line: 1,
  column: 1,
});

async function isNews({ table }: TellEntries, tenant: TenantId, key: EntryKey, logon: Logon): Promise<boolean> {
  const [stored] = await table.entries.read(tenant, [key]);
  const item: Item | undefined = stored?.item;
  const entry = isLive(item, table.now()) ? entryIn(item) : undefined;
  if (item === undefined || entry === undefined) return true;
  const isHalfOver = item.expiresAt - table.now() < (timeoutMinutes * 60_000) / 2;
  return isHalfOver || whoIn(entry) !== whoIn(logon);
}

const whoIn = ({ user, domain, groups }: Pick<Logon, 'user' | 'domain' | 'groups'>) => JSON.stringify([user, domain, groups]); // prettier-ignore
