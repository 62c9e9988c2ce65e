/** What a switch says of a device and of who is behind it, wherever it says so. */
import type { RadiusClient, Realm } from '../configuration/threat-response.ts';
import { type Mac, readMac, type ReadMac } from '../endpoints/mac.ts';
import { readPrefix } from '../configuration/address-prefix.ts';
import { radiusClientOf } from '../endpoints/client-of-switch.ts';
import { isSelfGiven } from '../endpoints/self-given-address.ts';
import { type IpAddress, readAddress } from '../identity/address.ts';
import { all, first, octetTexts, type RadiusAttributes } from '../wire/radius/rest.ts';

/** A login or a session, and the switch that tells of it. */
export interface Told {
  readonly attributes: RadiusAttributes;
  readonly nas: IpAddress;
  readonly client: Pick<RadiusClient<unknown>, 'name' | 'locationGroup'>;
  readonly realm: Realm;
  readonly mac: Mac;
  /** As it was sent. */
  readonly userName: string | null;
  /** Null where nobody is named: the MAC itself, or the outer name of a tunnel. */
  readonly user: string | null;
  readonly port: string | null;
  readonly ssid: string | null;
  readonly acctSessionId: string | null;
}

/** Why it is none of ours, or cannot be, and how to mend it. */
export interface Refusal {
  readonly code: 'nas-unknown' | 'realm-absent' | 'mac-missing';
  readonly message: string;
}

export interface Places {
  readonly radiusClients: readonly Pick<RadiusClient<unknown>, 'name' | 'address' | 'locationGroup'>[];
  readonly realms: readonly Realm[];
}

export type ReadTold = { readonly told: Told; readonly refusal?: never } | { readonly told?: never; readonly refusal: Refusal }; // prettier-ignore

export function readTold(attributes: RadiusAttributes, { radiusClients, realms }: Places): ReadTold {
  const switched = nasOf(attributes, radiusClients);
  if (switched === undefined) return { refusal: unknownNas(attributes) };
  const { nas, client } = switched;
  const realm = realmOf({ realms }, client);
  if (realm === undefined) {
    const message = `No realm takes logins of the location group "${client.locationGroup}", in which ${client.name} is. Add one to locationGroups of a realm.`;
    return { refusal: { code: 'realm-absent', message } };
  }
  const userName = first(attributes, 'User-Name')?.trim() ?? null;
  const { mac, problem } = macOf(attributes, userName);
  if (mac === undefined) return { refusal: { code: 'mac-missing', message: problem } };
  const port = first(attributes, 'NAS-Port-Id') ?? first(attributes, 'NAS-Port') ?? null;
  return {
    told: {
      attributes,
      nas,
      client,
      realm,
      mac,
      userName,
      user: userName === null || isNobody(userName) ? null : userName,
      port,
      ssid: ssidOf(attributes),
      acctSessionId: first(attributes, 'Acct-Session-Id') ?? null,
    },
  };
}

export const realmOf = ({ realms }: Pick<Places, 'realms'>, { locationGroup }: Pick<Told['client'], 'locationGroup'>) =>
  realms.find(({ locationGroups }) => fits(locationGroups, locationGroup));

/** Names fit where none are listed, or theirs is. */
export const fits = (locationGroups: readonly string[], locationGroup: string) =>
  locationGroups.length === 0 || locationGroups.includes(locationGroup);

/** By what a switch calls itself, else by where its packets come from. */
const nasNames = ['NAS-IP-Address', 'NAS-IPv6-Address', 'Packet-Src-IP-Address', 'Packet-Src-IPv6-Address'];

export function nasOf<Client extends Pick<RadiusClient<unknown>, 'address'>>(
  attributes: RadiusAttributes,
  clients: readonly Client[],
): { readonly nas: IpAddress; readonly client: Client } | undefined {
  for (const name of nasNames) {
    const nas = switchAddress(first(attributes, name) ?? '');
    const client = nas === undefined ? undefined : radiusClientOf(clients, nas);
    if (nas !== undefined && client !== undefined) return { nas, client };
  }
  return undefined;
}

/** Any address but none at all: no user is behind a switch's own, which may be one of this very machine. */
function switchAddress(text: string): IpAddress | undefined {
  const { prefix } = text.includes('/') ? {} : readPrefix(text);
  return prefix === '0.0.0.0' || prefix === '::' ? undefined : (prefix as IpAddress | undefined);
}

export function unknownNas(attributes: RadiusAttributes): Refusal {
  const named = nasNames.flatMap((name) => all(attributes, name));
  const who = named.length === 0 ? 'A switch that does not say its address' : `The switch ${[...new Set(named)].join(', ')}`; // prettier-ignore
  const message = `${who} is no RADIUS client of this tenant. Add it to radiusClients, with the address that it sends as NAS-IP-Address.`;
  return { code: 'nas-unknown', message: message.slice(0, 512) };
}

/** Where the MAC itself logs in it is the user name, and some switches say it nowhere else. */
function macOf(attributes: RadiusAttributes, userName: string | null): ReadMac {
  const station = first(attributes, 'Calling-Station-Id');
  const read = station === undefined ? undefined : readMac(station);
  if (read?.mac !== undefined) return read;
  const named = userName === null ? undefined : readMac(userName);
  if (named?.mac !== undefined) return named;
  const problem = read?.problem ?? 'There is no Calling-Station-Id.';
  return {
    problem: `${problem} Have the switch send the MAC of the device in it, as without one nothing can be held.`,
  };
}

const afterMac = /^[\da-f]{2}(?:[-:.]?[\da-f]{2}){5}:(.+)$/i;

function ssidOf(attributes: RadiusAttributes): string | null {
  const texts = [...all(attributes, 'Called-Station-Id'), ...all(attributes, 'Calling-Station-Id')];
  return texts.flatMap((text) => afterMac.exec(text)?.[1] ?? [])[0] ?? null;
}

const isNobody = (userName: string) =>
  userName === '' || /^(?:anonymous|@)/i.test(userName) || readMac(userName).mac !== undefined;

/** The addresses that the device has; none of those that it makes up for want of one. */
export function framedAddresses(attributes: RadiusAttributes): readonly IpAddress[] {
  const texts = ['Framed-IP-Address', 'Framed-IPv6-Address'].flatMap((name) => all(attributes, name));
  const read = texts.flatMap((text) => readAddress(text.replace(/\/128$/, '')).address ?? []);
  return [...new Set(read.filter((ip) => !isSelfGiven(ip)))];
}

const classPrefix = 'postern:';

/** The Class that an answer carries, so that accounting names the login that it follows. */
export const classOf = (loginId: string) => `${classPrefix}${loginId}`;

export const loginIdIn = (attributes: RadiusAttributes): string | null =>
  octetTexts(attributes, 'Class').flatMap((text) =>
    text.startsWith(classPrefix) ? text.slice(classPrefix.length) : [],
  )[0] ?? null;
