/** What a tenant sets for threat response: who logs in as what, what messages mean, and what switches are told. */

/** `Secret` is what stands for the secret of a RADIUS client, `Password` for that of a local user. */
export interface ThreatResponse<Secret, Password> {
  /** Whether decisions know of holds: a blocked endpoint's addresses are denied, a quarantined one's groups replaced. */
  readonly applyHoldsToDecisions: boolean;
  /** Who tells switches to let go of a session: the site's own RADIUS server, or we over UDP. */
  readonly changeOfAuthorization: (typeof changeWays)[number];
  /** Minutes that an event waits for a session with its address. */
  readonly pendingMinutes: number;
  /** What no automatic action touches. */
  readonly allowList: AllowList;
  readonly authenticationServers: readonly AuthenticationServer<Password>[];
  /** The first whose location groups fit takes a login. */
  readonly realms: readonly Realm[];
  readonly roles: readonly UserRole[];
  /** The tenant's own; the shipped ones are there without being listed. */
  readonly templates: readonly Template[];
  readonly clients: readonly AdmissionClient[];
  /** The first that matches acts. */
  readonly admissionPolicies: readonly AdmissionPolicy[];
  readonly radiusClients: readonly RadiusClient<Secret>[];
  /** The first that fits is sent. */
  readonly returnAttributes: readonly ReturnAttributePolicy[];
  /** Ways out to systems that enforce; the one whose subnet holds an address most closely takes it. */
  readonly connectors: readonly Connector<Secret>[];
  readonly feeds: { readonly atpCloud: AtpCloud<Secret> };
  readonly guards: Guards;
}

export const changeWays = ['site', 'direct'] as const;

export interface AllowList {
  /** Addresses and prefixes. */
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

/** `local`: the users that are listed, PAP and TTLS/PAP only. `delegated`: the site's RADIUS has authenticated the user. */
export type AuthenticationServer<Password> =
  | { readonly name: string; readonly type: 'local'; readonly users: readonly LocalUser<Password>[] }
  | { readonly name: string; readonly type: 'delegated' };

export interface LocalUser<Password> {
  readonly name: string;
  readonly password: Password;
  readonly groups: readonly string[];
}

export interface Realm {
  readonly name: string;
  /** Name of an authentication server. */
  readonly authenticationServer: string;
  /** Of the RADIUS clients whose logins it takes; empty: all. */
  readonly locationGroups: readonly string[];
  /** The domain of the entries that its logins make. */
  readonly domain: string;
  /** In order; a user gets the roles of every rule that matches, up to the first one that stops. */
  readonly roleMapping: readonly RoleMappingRule[];
}

export interface RoleMappingRule {
  readonly name: string;
  readonly on: (typeof mappingSubjects)[number];
  /** Of a device or certificate attribute: its name, as RADIUS calls it (`TLS-Client-Cert-Common-Name`). Else null. */
  readonly attribute: string | null;
  /** Any of them matches, without regard to case; `*` stands for anything. */
  readonly values: readonly string[];
  readonly roles: readonly string[];
  readonly stop: boolean;
}

export const mappingSubjects = ['user', 'group', 'device-attribute', 'certificate-attribute'] as const;

export interface UserRole {
  readonly name: string;
  readonly description: string;
  /** A role that endpoints are put into by quarantine; no login is mapped to it. */
  readonly quarantine: boolean;
}

/** What the messages of a kind of device mean. Data, never code. */
export interface Template {
  readonly name: string;
  /** The kind of device that sends. */
  readonly device: string;
  readonly protocol: (typeof templateProtocols)[number];
  readonly severities: readonly string[];
  readonly events: readonly TemplateEvent[];
  readonly parse: JsonMapping | LinePattern;
  /** Messages that the template is tried against before it is saved. */
  readonly samples: readonly TemplateSample[];
}

export const templateProtocols = ['http-json', 'syslog'] as const;

export interface TemplateEvent {
  /** The word for it in a message. */
  readonly name: string;
  /** Other words for it. */
  readonly aliases: readonly string[];
  /** What a policy may do on it. */
  readonly actions: readonly AdmissionAction[];
}

export const admissionActions = ['quarantine', 'block', 'clear-quarantine', 'clear-block', 'terminate-session', 'ignore'] as const; // prettier-ignore
export type AdmissionAction = (typeof admissionActions)[number];

/** What a message tells, each word from where the template says. */
export const messageFields = [
  'event',
  'endpointIp',
  'endpointMac',
  'userName',
  'severity',
  'threatName',
  'eventId',
  'occurredAt',
] as const;
export type MessageField = (typeof messageFields)[number];

/** JSON pointers (RFC 6901) to the fields of a message. */
export interface JsonMapping {
  readonly type: 'json';
  readonly fields: Readonly<Partial<Record<MessageField, string>>>;
}

/** A pattern of RE2 with a named group for each field that it finds. */
export interface LinePattern {
  readonly type: 'pattern';
  readonly pattern: string;
}

export interface TemplateSample {
  readonly message: string;
  /** What it has to give; null: the template must not take it. */
  readonly expect: Readonly<Partial<Record<MessageField, string>>> | null;
}

export interface AdmissionClient {
  readonly name: string;
  readonly description: string;
  /** The public one, that we see. */
  readonly address: string;
  readonly template: string;
  /** Names of the credentials of relays that may speak for it; its lines come with its address or host in them. */
  readonly relays: readonly string[];
}

export interface AdmissionPolicy {
  readonly name: string;
  readonly template: string;
  readonly event: string;
  /** One of the template's, or `any`. */
  readonly severity: string;
  readonly action: AdmissionAction;
  /** That of `quarantine`; null with every other action. */
  readonly role: string | null;
  /** Of a quarantine; a block is permanent. */
  readonly assignment: (typeof assignments)[number];
  /** Minutes after which a quarantine or block ends by itself; null: never. */
  readonly releaseAfterMinutes: number | null;
  readonly scope: { readonly roles: (typeof scopes)[number]; readonly names: readonly string[] };
  /** What would be done is logged, and nothing is done. */
  readonly logOnly: boolean;
}

export const assignments = ['permanent', 'session'] as const;
export const scopes = ['all', 'selected', 'other-than'] as const;

/** A switch or a wireless controller. */
export interface RadiusClient<Secret> {
  readonly name: string;
  /** An address or a prefix. */
  readonly address: string;
  readonly make: (typeof makes)[number];
  readonly secret: Secret;
  readonly locationGroup: string;
  readonly changePort: number;
}

/** What a switch understands of a change of authorization. */
export const makes = ['juniper-ex', 'juniper-ex2200', 'juniper-port-bounce', 'generic'] as const;
export type Make = (typeof makes)[number];

export interface ReturnAttributePolicy {
  readonly name: string;
  /** Empty: all. */
  readonly locationGroups: readonly string[];
  readonly roles: readonly string[];
  readonly return:
    | { readonly type: 'vlan'; readonly vlan: string }
    | { readonly type: 'filter'; readonly filter: string }
    | { readonly type: 'open-port' };
}

/** A way out to a system that keeps endpoints out when we say so. */
export interface Connector<Secret> {
  readonly name: string;
  readonly description: string;
  readonly type: ConnectorType;
  /** A name or an address. */
  readonly address: string;
  readonly port: number;
  readonly connectMethod: (typeof connectMethods)[number];
  /** PEM; null: the public roots. */
  readonly caCertificate: string | null;
  /** Of ClearPass the id of its API client; of a webhook nothing. */
  readonly username: string;
  /** Of ClearPass the secret of its API client; of a webhook the one that signs. */
  readonly password: Secret;
  /** Prefixes. */
  readonly subnets: readonly string[];
  /** Those that its type declares (`connectors/connector-types.ts`). */
  readonly settings: Readonly<Record<string, string>>;
}

export const connectorTypes = ['pulse-policy-secure', 'clearpass', 'cisco-ise', 'webhook'] as const;
export type ConnectorType = (typeof connectorTypes)[number];
export const connectMethods = ['https', 'http'] as const;

/** Where the addresses of infected hosts are asked for, and what is done about them. */
export interface AtpCloud<Secret> {
  readonly enabled: boolean;
  readonly address: string;
  readonly port: number;
  readonly connectMethod: (typeof connectMethods)[number];
  readonly caCertificate: string | null;
  readonly token: Secret;
  readonly pollMinutes: number;
  /** Of those whose level a host has reached the highest holds; below all of them nothing is done. */
  readonly rules: readonly FeedRule[];
}

export interface FeedRule {
  /** 1 to 10. */
  readonly minLevel: number;
  readonly event: (typeof feedEvents)[number];
}

export const feedEvents = ['quarantine-endpoint', 'block-endpoint'] as const;

/** What keeps automatic actions from doing harm. Operators pass. */
export interface Guards {
  /** In ten minutes; 0: any number. The rest is held for approval. Clears are not counted. */
  readonly mostActions: number;
  /** Addresses and prefixes that many devices share: what names only one of these is held for approval. */
  readonly sharedAddresses: readonly string[];
}

export const threatResponseDefaults: ThreatResponse<null, never> = {
  applyHoldsToDecisions: true,
  changeOfAuthorization: 'site',
  pendingMinutes: 10,
  allowList: { addresses: [], macs: [], users: [], roles: [] },
  authenticationServers: [],
  realms: [],
  roles: [],
  templates: [],
  clients: [],
  admissionPolicies: [],
  radiusClients: [],
  returnAttributes: [],
  connectors: [],
  feeds: {
    atpCloud: {
      enabled: false,
      address: '',
      port: 443,
      connectMethod: 'https',
      caCertificate: null,
      token: null,
      pollMinutes: 5,
      rules: [{ minLevel: 7, event: 'quarantine-endpoint' }],
    },
  },
  guards: { mostActions: 100, sharedAddresses: [] },
};
