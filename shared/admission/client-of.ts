/** Who sends a message: the admission control client whose address, or host, it comes from. */
import type { AdmissionClient, Template } from '../configuration/threat-response.ts';
import { readAddress } from '../identity/address.ts';
import type { ErrorCode } from '../service-error.ts';
import type { AdmissionSettings } from './admission.ts';
import { templateNamed } from './shipped-templates.ts';

export type FoundClient =
  | { readonly client: AdmissionClient; readonly template: Template; readonly problem?: never }
  | { readonly client?: AdmissionClient; readonly problem: { readonly code: ErrorCode; readonly message: string } };

type Settings = Pick<AdmissionSettings, 'clients' | 'templates'>;

/** Who calls from this address with JSON. */
export function clientAt({ clients, templates }: Settings, address: string): FoundClient {
  const there = clients.filter((client) => isSame(client.address, address));
  const [first] = there;
  if (first === undefined) {
    return unknown(`No admission control client has the address ${address}. Add one with it, and with the template of what it sends.`); // prettier-ignore
  }
  const json = there.find(({ template }) => templateNamed(templates, template)?.protocol !== 'syslog');
  if (json !== undefined) return withTemplate(templates, json);
  const message = `The template of the client "${first.name}" is for syslog. Send its lines to /api/v1/admission-control/syslog, or give it a template for JSON.`;
  return { client: first, ...unknown(message) };
}

export interface LineFrom {
  /** HOST of the line. */
  readonly host: string | null;
  /** Whom the relay had the line from; it goes before what the line says of itself. */
  readonly fromHostIp: string | null;
  readonly clientAddress: string;
  readonly credentialName: string;
}

/** Whose line it is: one's own, or one that a relay hands on that may speak for it. */
export function clientOfLine({ clients, templates }: Settings, from: LineFrom): FoundClient {
  const { host, fromHostIp, clientAddress, credentialName } = from;
  const senders = clients.filter(({ template }) => templateNamed(templates, template)?.protocol === 'syslog');
  const named = fromHostIp ?? host;
  const spoken = senders.find((client) => named !== null && isNamed(client, named));
  if (spoken?.relays.includes(credentialName)) return withTemplate(templates, spoken);
  const own = fromHostIp === null ? senders.find(({ address }) => isSame(address, clientAddress)) : undefined;
  if (own !== undefined) return withTemplate(templates, own);
  if (spoken !== undefined) {
    return { client: spoken, ...unknown(`The credential "${credentialName}" may not speak for the client "${spoken.name}". Add it to the client's "relays".`) }; // prettier-ignore
  }
  const shown = (named ?? clientAddress).slice(0, 64);
  return unknown(`No admission control client with a template for syslog is "${shown}". Add one with this address or name, or have the relay send "fromhost-ip".`); // prettier-ignore
}

const unknown = (message: string) => ({ problem: { code: 'admission-client-unknown' as const, message } });

function withTemplate(templates: readonly Template[], client: AdmissionClient): FoundClient {
  const template = templateNamed(templates, client.template);
  if (template !== undefined) return { client, template };
  const message = `The template "${client.template}" of the client "${client.name}" is not there. Give the client one that is.`; // prettier-ignore
  return { client, problem: { code: 'message-unmatched', message } };
}

const isNamed = ({ name, address }: AdmissionClient, named: string) =>
  isSame(address, named) || name.toLowerCase() === named.toLowerCase();

const isSame = (one: string, other: string) => canonical(one) === canonical(other);
const canonical = (text: string) => readAddress(text).address ?? text;
