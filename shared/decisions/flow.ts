/** Flows as enforcement points ask about them. */
import { isIP } from 'node:net';
import * as v from 'valibot';
import { protocols } from '../configuration/configuration.ts';
import { type IpAddress, readAddress } from '../identity/address.ts';
import { closed, flag, list, readDocument, say, text, whole } from '../json-schema.ts';
import { type ApplicationName, applicationName, protocolNumbers } from './applications.ts';

export interface Flow {
  readonly sourceIp: IpAddress;
  /** Any address at all: multicast is asked about too. */
  readonly destinationIp: string;
  readonly fromZone: string;
  readonly toZone: string;
  /** Where it is told, the flow matches by it, and protocol and port do not count. */
  readonly application?: ApplicationName;
  readonly protocol?: number;
  readonly destinationPort?: number;
  readonly sessionId?: string;
}

export interface Question {
  readonly flows: readonly Flow[];
  readonly explain: 'yes' | 'no';
}

const mostFlows = 100;

/** Throws `body-invalid`, with all that is wrong in all of the flows. */
export const readQuestion = (document: unknown): Question => readDocument(question, document, 'body-invalid');

const source = v.pipe(
  v.string(say('type', 'Give the address in quotes.')),
  v.metadata({ description: 'The address of somebody: neither loopback nor multicast.' }),
  v.rawTransform<string, IpAddress>(({ dataset: { value }, addIssue, NEVER }) => {
    const { address, problem } = readAddress(value);
    if (address !== undefined) return address;
    addIssue({ message: say('form', problem) });
    return NEVER;
  }),
);

const destination = v.pipe(
  v.string(say('type', 'Give the address in quotes.')),
  v.check(
    (value) => isIP(value) > 0 && !value.includes('%'),
    say('form', 'Give an address like 192.0.2.7 or 2001:db8::7, without port and zone id.'),
  ),
);

/** What a flow need not tell may be left out or null: firewalls fill templates. */
const untold = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

const flow = v.pipe(
  closed({
    sourceIp: source,
    destinationIp: destination,
    destinationPort: untold(whole(0, 65_535)),
    protocol: untold(
      v.union(
        [v.picklist(protocols), whole(0, 255)],
        say('one-of', `Give one of: ${protocols.join(', ')}; or the number of an IP protocol, 0 to 255.`),
      ),
    ),
    application: untold(text(1, 63)),
    fromZone: text(1, 63),
    toZone: text(1, 63),
    sessionId: untold(text(1, 128)),
  }),
  v.metadata({ description: 'It names its application, or its protocol; of tcp and udp the port, too.' }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value.application !== null) return;
    const { protocol, destinationPort } = dataset.value;
    const missing = (key: string, message: string) =>
      addIssue({
        message: say('required', message),
        path: [{ type: 'object', origin: 'value', input: { ...dataset.value }, key, value: null }],
      });
    if (protocol === null) missing('protocol', 'Give the protocol and its port, or the application.');
    else if ((protocol === 'tcp' || protocol === 'udp') && destinationPort === null) {
      missing('destinationPort', 'Give the port that goes with this protocol, or the application.');
    }
  }),
  v.transform(
    ({ sourceIp, destinationIp, fromZone, toZone, application, protocol, destinationPort, sessionId }): Flow => ({
      sourceIp,
      destinationIp,
      fromZone,
      toZone,
      ...(application !== null && { application: applicationName(application) }),
      ...(protocol !== null && {
        protocol: typeof protocol === 'number' ? protocol : (protocolNumbers[protocol] ?? 0),
      }),
      ...(destinationPort !== null && { destinationPort }),
      ...(sessionId !== null && { sessionId }),
    }),
  ),
);

export const question: v.GenericSchema<unknown, Question> = v.pipe(
  closed({ flows: list(flow, { least: 1, most: mostFlows }), explain: v.optional(flag(), false) }),
  v.transform(({ flows, explain }): Question => ({ flows, explain: explain ? 'yes' : 'no' })),
);
