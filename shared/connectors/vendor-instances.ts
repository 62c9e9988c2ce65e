/**
 * Connectors in the words of the vendor's Connector API, of which only the paths and the description of a type are public:
 * what an instance looks like is our own, and experimental.
 */
import * as v from 'valibot';
import type { Edit } from '../configuration/check-document.ts';
import { shown } from '../configuration/configuration-secrets.ts';
import type { Connector, ConnectorType } from '../configuration/threat-response.ts';
import { foldCase } from '../identity/fold-case.ts';
import { closed, list, readDocument, say } from '../json-schema.ts';
import type { Violation } from '../service-error.ts';
import { type ConnectorState, statusOf } from './connector-state.ts';
import { typeDeclarations } from './connector-types.ts';

const capabilities = ['INFECTED_HOST_BLOCK', 'INFECTED_HOST_QUARANTINE', 'ENFORCEMENT_SUBNET_INFO'];

/** What a type asks for, and what it can do. */
export function describedType(type: ConnectorType) {
  const { label, settings } = typeDeclarations[type];
  return {
    type: label,
    controllerContexts: false,
    additionalSettings: settings.map(({ description, name, required, type: form }) => ({ description, name, required, type: form })), // prettier-ignore
    capabilities: capabilities.map((name) => ({ name })),
  };
}

/** A connector is known by its name, which no other has. */
export function instanceOf(connector: Connector<unknown>, known: ConnectorState | undefined) {
  const { name, description, type, address, port, username, subnets, settings } = connector;
  return {
    id: name,
    name,
    description,
    type: typeDeclarations[type].label,
    ipAddress: address,
    port,
    userName: username,
    subnets,
    additionalSettings: Object.entries(settings).map(([setting, value]) => ({ name: setting, value })),
    status: statusOf(connector, known).state,
  };
}

/** What the vendor calls what we call otherwise. */
const words = { ipAddress: 'address', userName: 'username', additionalSettings: 'settings' } as const;
const vendorWords: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(words).map(([theirs, ours]) => [ours, theirs])); // prettier-ignore

const given = v.exactOptional(v.unknown());
export const newInstance = closed({
  name: given,
  description: given,
  type: given,
  ipAddress: given,
  port: given,
  userName: given,
  password: given,
  subnets: given,
  additionalSettings: v.exactOptional(
    list(closed({ name: v.string(say('type', 'Give text, in quotes.')), value: v.unknown() })),
  ),
});

export interface NewInstance extends Edit {
  /** As it will be called; checked with all else. */
  readonly name: unknown;
}

/** One connector more. Whether it can be is for the check of the configuration to say. Throws `configuration-invalid`. */
export function addedInstance(body: unknown): NewInstance {
  const { additionalSettings = [], ipAddress, userName, type, ...same } = readDocument(newInstance, body, 'configuration-invalid'); // prettier-ignore
  const connector = {
    ...same,
    ...(ipAddress !== undefined && { address: ipAddress }),
    ...(userName !== undefined && { username: userName }),
    ...(type !== undefined && { type: typeLabelled(type) }),
    settings: Object.fromEntries(additionalSettings.map(({ name, value }) => [name, value])),
  };
  return {
    name: same.name,
    documentOver: (holds) => {
      const { threatResponse, ...rest } = shown(holds);
      return { ...rest, threatResponse: { ...threatResponse, connectors: [...threatResponse.connectors, connector] } };
    },
    toldAs: inVendorWords,
  };
}

const typeLabelled = (label: unknown): unknown =>
  Object.entries(typeDeclarations).find(
    ([, declared]) => typeof label === 'string' && foldCase(declared.label) === foldCase(label),
  )?.[0] ?? label;

const ofConnector = /^\/threatResponse\/connectors\/\d+\/([^/]+)(.*)$/s;

function inVendorWords({ pointer, ...violation }: Violation): Violation {
  const [, member = '', inside = ''] = ofConnector.exec(pointer) ?? [];
  return { pointer: member === '' ? pointer : `/${vendorWords[member] ?? member}${inside}`, ...violation };
}
