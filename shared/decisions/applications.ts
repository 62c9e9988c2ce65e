/**
 * Applications: what a policy calls a protocol and its ports. A tenant's own definition stands over the built-in one of
 * the same name; a name that nobody defined still matches a flow that carries it.
 */
import type { Application } from '../configuration/configuration.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Prefix } from './address-bits.ts';
import { builtInApplications } from './built-in-applications.ts';
import type { Flow } from './flow.ts';
import { prefixTable } from './prefix-table.ts';

/** As names of applications are compared: in lower case, and without the vendor's prefix, `junos-https` as `https`. */
export type ApplicationName = string & { readonly brand: 'ApplicationName' };

export const applicationName = (text: string) => foldCase(text).replace(/^junos-/, '') as ApplicationName;

export const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };

/** The names of applications that a flow is of, list by list: joined they would have to be copied. */
export type ApplicationsOf = (flow: Flow) => readonly (readonly string[])[];

/** Knows of the applications that policies name, be they built in or the tenant's own. */
export function applicationsOf(named: Iterable<ApplicationName>, defined: readonly Application[]): ApplicationsOf {
  const own = Map.groupBy(defined, ({ name }) => applicationName(name));
  const said = [...new Set(named)].flatMap((name) =>
    (own.get(name) ?? builtIn(name)).flatMap(prefixesOf).map((prefix) => ({ ...prefix, word: name })),
  );
  const names = prefixTable(said, {
    ofAll: [] as readonly (readonly string[])[],
    add: (shorter, words) => [...shorter, words],
  });
  return ({ application, protocol, destinationPort = 0 }) => {
    if (application !== undefined) return [[application]];
    return protocol === undefined ? [] : names(serviceBits(protocol, destinationPort));
  };
}

/**
 * A protocol and its port in one number, so that ranges of ports are prefixes. No application names port 0: a flow
 * without a port is only of those that name none.
 */
const serviceBits = (protocol: number, port: number) => (protocol << 24) | (port << 8);

type Definition = Pick<Application, 'ports'> & { readonly protocol: string | number };

function builtIn(name: string): readonly Definition[] {
  const definitions = Object.hasOwn(builtInApplications, name) ? (builtInApplications[name] ?? '') : '';
  return definitions.split(' ').flatMap((definition) => {
    const [protocol = '', ports] = definition.split('/');
    if (protocol === '') return [];
    return [{ protocol: protocolNumbers[protocol] ?? Number(protocol), ports: ports?.split(',') ?? [] }];
  });
}

function prefixesOf({ protocol, ports }: Definition): readonly Prefix<number>[] {
  const number = typeof protocol === 'number' ? protocol : (protocolNumbers[protocol] ?? 0);
  if (ports.length === 0) return [{ bits: serviceBits(number, 0), length: 8 }];
  return apart(ports.map(rangeOf)).flatMap(([first, last]) =>
    portPrefixes(first, last).map(({ port, length }) => ({ bits: serviceBits(number, port), length: 8 + length })),
  );
}

type Range = readonly [first: number, last: number];

function rangeOf(ports: number | string): Range {
  const [first = 0, last = first] = String(ports).split('-').map(Number);
  return [first, last];
}

/** The same ports in ranges that do not meet: so they are as few as their ports allow, however many were written. */
function apart(ranges: readonly Range[]): readonly Range[] {
  const found: Range[] = [];
  for (const [first, last] of ranges.toSorted(([one], [other]) => one - other)) {
    const [before, end] = found.at(-1) ?? [0, -1];
    if (first <= end + 1) found[found.length - 1] = [before, Math.max(end, last)];
    else found.push([first, last]);
  }
  return found;
}

/** A range of ports as the fewest prefixes of 16 bits. */
function portPrefixes(first: number, last: number) {
  const prefixes: { readonly port: number; readonly length: number }[] = [];
  for (let port = first; port <= last;) {
    let length = 16;
    while (port % (1 << (17 - length)) === 0 && port + (1 << (17 - length)) - 1 <= last) length -= 1;
    prefixes.push({ port, length });
    port += 1 << (16 - length);
  }
  return prefixes;
}
