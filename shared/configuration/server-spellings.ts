/**
 * A ClearPass bears twenty connections of ours, and each server has as many: a server is a host and a port, however its
 * letters are written. One that is named in two ways would have twenty for each, which nobody sees who reads names alone.
 */
import { isIP } from 'node:net';
import type { Violation } from '../service-error.ts';
import { hostOf } from '../user-query/servers.ts';
import { pointerOf } from '../violation.ts';
import type { ReadableConfiguration } from './server-settings.ts';

interface Named {
  readonly keys: readonly string[];
  readonly host: string;
  readonly port: number;
}

/** Those that may be one with another that stands before them. */
export function spellingWarnings(document: ReadableConfiguration): readonly Violation[] {
  const all = clearPasses(document);
  return all.flatMap((each, index) => {
    const other = all.slice(0, index).find((earlier) => mayBeOne(each, earlier));
    if (other === undefined) return [];
    return [
      {
        pointer: pointerOf(each.keys),
        value: each.host,
        rule: 'maybe-one-server',
        message: `This may be the ClearPass of ${pointerOf(other.keys)} by another name or port. Each has twenty connections of its own, and a ClearPass bears twenty.`,
        mend: 'Where they are one, give both the same address and port; else leave it.',
      },
    ];
  });
}

function clearPasses(document: ReadableConfiguration): readonly Named[] {
  const { enabled, server } = document?.clearpass?.userQuery ?? {};
  const asked = enabled === true ? named(['clearpass', 'userQuery', 'server'], server?.address, server?.port) : [];
  const told = (document?.threatResponse?.connectors ?? []).flatMap((each, index) =>
    each?.type === 'clearpass' ? named(['threatResponse', 'connectors', String(index)], each.address, each.port) : [],
  );
  return [...asked, ...told];
}

function named(keys: readonly string[], address: string | undefined, port: number | undefined): readonly Named[] {
  if (address === undefined || port === undefined) return [];
  try {
    return [{ keys: [...keys, 'address'], host: hostOf({ address }), port }];
  } catch {
    return []; // what cannot be read is told elsewhere
  }
}

/** A name and an address, an address of each family, a name with and without its domain, two ports of one host. */
function mayBeOne(one: Named, other: Named): boolean {
  if (one.host === other.host) return one.port !== other.port;
  const isShort = one.host.startsWith(`${other.host}.`) || other.host.startsWith(`${one.host}.`);
  return one.port === other.port && (isIP(one.host) !== isIP(other.host) || isShort);
}
