/** Attributes by the names and in the words of RADIUS dictionaries, so that `radclient` takes them as they stand. */
import ipaddr from 'ipaddr.js';
import { MalformedPacketError } from './malformed-packet-error.ts';
import type { RawAttribute } from './packet.ts';

export interface Attribute {
  readonly name: AttributeName;
  readonly value: string;
}

type Form = (value: string) => Uint8Array | undefined;

const text: Form = (value) => (value === '' ? undefined : new TextEncoder().encode(value));

const address =
  (family: 'ipv4' | 'ipv6'): Form =>
  (value) =>
    ipaddr.isValid(value) && ipaddr.parse(value).kind() === family
      ? Uint8Array.from(ipaddr.parse(value).toByteArray())
      : undefined;

/** Numbers, or words that stand for them. */
const number =
  (words: Readonly<Record<string, number>> = {}): Form =>
  (value) => {
    const found = words[value] ?? (/^\d{1,10}$/.test(value) ? Number(value) : NaN);
    return found <= 0xff_ff_ff_ff ? Uint8Array.from([found >>> 24, found >>> 16, found >>> 8, found]) : undefined;
  };

interface Definition {
  readonly type: number;
  readonly vendor?: number;
  readonly form: Form;
}

const juniper = 2636;

const dictionary = {
  'NAS-IP-Address': { type: 4, form: address('ipv4') },
  'Calling-Station-Id': { type: 31, form: text },
  'Acct-Session-Id': { type: 44, form: text },
  'Acct-Terminate-Cause': { type: 49, form: number({ 'Admin-Reset': 6 }) },
  'Event-Timestamp': { type: 55, form: number() },
  'NAS-IPv6-Address': { type: 95, form: address('ipv6') },
  'Error-Cause': { type: 101, form: number() },
  'Juniper-AV-Pair': { type: 52, vendor: juniper, form: text },
} as const satisfies Record<string, Definition>;
export type AttributeName = keyof typeof dictionary;

/** As it stands in a packet. Throws `MalformedPacketError` where the value is none of its kind. */
export function rawAttribute({ name, value }: Attribute): RawAttribute {
  const { form, ...place } = dictionary[name];
  const bytes = form(value);
  if (bytes === undefined) throw new MalformedPacketError(`"${value.slice(0, 64)}" is no value of ${name}.`);
  return { ...place, value: bytes };
}
