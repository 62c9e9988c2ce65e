/**
 * Who stands between callers and API Gateway. A front door shows a secret with every request, by which it is known, and
 * writes the caller's address into a header, over whatever was there; the gateway itself sees the front door's address.
 * Where there is none, callers come by themselves, and headers are only what they say.
 */
import { isIP } from 'node:net';
import { frontDoorHeaders } from '../contract.ts';
import { digestOf, isSameDigest } from '../tenancy/secret.ts';

export interface FrontDoor {
  /** Digests of what it may show: two while its secret is rotated, none where there is no front door. */
  readonly secrets: readonly string[];
}

/** As CloudFormation makes them. What it has not replaced by a secret is shorter, or holds braces. */
const secretForm = /^[A-Za-z0-9]{32,}$/;

/** The front door that shows one of these secrets. Throws where one of them is none. */
export function frontDoorShowing(...secrets: readonly (string | undefined)[]): FrontDoor {
  const set = secrets.filter((secret) => secret !== undefined);
  if (!set.every((secret) => secretForm.test(secret)))
    throw new Error("The front door's secret is not one. Deploy again.");
  return { secrets: set.map(digestOf) };
}

type Written = typeof frontDoorHeaders.client | 'around' | undefined;

/** The header with the caller's address, `undefined` where there is no front door, `around` for who did not come by it. */
export function addressWrittenBy({ secrets }: FrontDoor, shown: readonly string[]): Written {
  if (secrets.length === 0) return undefined;
  const [secret = '', ...others] = shown;
  const digest = digestOf(secret);
  const isKnown = others.length === 0 && secrets.some((valid) => isSameDigest(valid, digest));
  return isKnown ? frontDoorHeaders.client : 'around';
}

interface Arrived {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly requestContext: { readonly identity: { readonly sourceIp: string } };
}

/** The caller's address: what that header says if it says one, or else whoever is connected to the gateway. */
export function clientAddressOf(event: Arrived, clientAddressIn: string | undefined): string {
  const [written = '', ...others] = clientAddressIn === undefined ? [] : sentAs(event, clientAddressIn);
  return others.length === 0 && isIP(written) !== 0 ? written : event.requestContext.identity.sourceIp;
}

/** Every value of a header, whatever the case of its name. */
export function sentAs(
  { headers, multiValueHeaders }: Omit<Arrived, 'requestContext'>,
  name: string,
): readonly string[] {
  const isMeant = ([each]: readonly [string, unknown]) => each.toLowerCase() === name;
  const all = Object.entries(multiValueHeaders ?? {})
    .filter(isMeant)
    .flatMap(([, values]) => values ?? []);
  return all.length > 0
    ? all
    : Object.entries(headers ?? {})
        .filter(isMeant)
        .flatMap(([, value]) => value ?? []);
}
