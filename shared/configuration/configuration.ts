/**
 * What a tenant sets. A stored configuration is complete: what was left out stands in it with its default.
 * Secrets are not in it, only references to where they lie encrypted; of passwords it has what proves them.
 */
import type { SecretReference } from '../outbound/secrets.ts';
import type { PasswordHash } from '../radius/password.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ThreatResponse, threatResponseDefaults } from './threat-response.ts';
import type { History, VersionRecord } from './versions.ts';

export type Configuration = ConfigurationWith<SecretReference | null, PasswordHash | null>;

/**
 * `Secret` is what stands for a secret: a reference where it is stored, the text where it is being written. `Password`
 * is the same for the password of a local user: a hash where it is stored.
 */
export interface ConfigurationWith<Secret, Password> {
  readonly clearpass: {
    /** Minutes; 0: an entry never expires. */
    readonly entryTimeout: number;
    readonly invalidEntryTimeout: number;
    readonly userQuery: UserQuery<Secret>;
  };
  readonly activeDirectory: { readonly enabled: boolean };
  readonly identityManagement: IdentityManagement<Secret>;
  /** By source; the lowest is looked at first, 0 leaves a source out. */
  readonly priorities: Readonly<Record<PrioritySource, number>>;
  /** The first that matches decides. */
  readonly policies: readonly SecurityPolicy[];
  readonly applications: readonly Application[];
  readonly defaultPolicy: PolicyAction;
  readonly networks: readonly string[];
  readonly webApi: {
    /** Who may post; empty: anybody with the credential. */
    readonly allowedClients: readonly string[];
    /** Addresses that no entry is kept of. */
    readonly excludeAddresses: readonly string[];
  };
  readonly threatLogs: ThreatLogs;
  /** Days that receipts, and what they tell of addresses and users, are kept. */
  readonly receipts: { readonly days: number };
  /** Kinds of devices that policies name. */
  readonly endUserProfiles: readonly EndUserProfile[];
  /** What becomes of a source's entries once nothing is heard of it any more. */
  readonly whenSilent: Readonly<Record<SilenceSource, SilenceSetting>>;
  readonly threatResponse: ThreatResponse<Secret, Password>;
}

export interface UserQuery<Secret> {
  readonly enabled: boolean;
  readonly server: {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly connectMethod: (typeof connectMethods)[number];
  };
  /** PEM; null: the public roots. */
  readonly caCertificate: string | null;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly tokenApi: string;
  readonly queryApi: string;
  /** Seconds. */
  readonly delayQueryTime: number;
  readonly includeAddresses: readonly string[];
  readonly excludeAddresses: readonly string[];
}

export interface IdentityManagement<Secret> {
  readonly enabled: boolean;
  readonly entryTimeout: number;
  readonly invalidEntryTimeout: number;
  readonly primary: IdentityServer<Secret>;
  readonly secondary: IdentityServer<Secret> | null;
  readonly port: number;
  readonly tokenApi: string;
  readonly queryApi: string;
  readonly batchQuery: { readonly itemsPerBatch: number; readonly queryInterval: number };
  readonly ipQuery: { readonly enabled: boolean; readonly queryDelayTime: number; readonly maxConnections: number };
  readonly filters: {
    readonly domains: readonly string[];
    readonly includeIp: readonly string[];
    readonly excludeIp: readonly string[];
  };
  readonly preserveValidUser: boolean;
}

export interface IdentityServer<Secret> {
  readonly address: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly caCertificate: string | null;
}

export interface SecurityPolicy {
  readonly name: string;
  readonly fromZone: string;
  readonly toZone: string;
  /** `any`, addresses and prefixes. */
  readonly source: readonly string[];
  readonly destination: readonly string[];
  readonly applications: readonly string[];
  readonly sourceIdentity: readonly string[];
  /** Names of end-user profiles: the device must match one of them. Empty or left out: any device, and none. */
  readonly sourceEndUserProfile?: readonly string[];
  readonly action: PolicyAction;
  readonly log: boolean;
}

export interface EndUserProfile {
  readonly name: string;
  /** Of the user; null: any. */
  readonly domain: string | null;
  /** All of them must match; of the values of one, any suffices. */
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export interface Application {
  readonly name: string;
  /** A name, or the number of an IP protocol. */
  readonly protocol: (typeof protocols)[number] | number;
  /** Ports and ranges of them, `8000-8099`. */
  readonly ports: readonly (number | string)[];
}

export interface ThreatLogs {
  readonly enabled: boolean;
  readonly filter: 'threat-attack';
  /** Logs a second. */
  readonly rateLimit: number;
  /** Whether each is a threat action as well, by the template of the admission control client that its firewall is. */
  readonly threatActions: boolean;
  readonly destination: {
    /** Empty: nothing is sent. */
    readonly address: string;
    readonly port: number;
    readonly transport: (typeof transports)[number];
    /** PEM, for TLS; null: the public roots. */
    readonly caCertificate: string | null;
  };
}

export interface SilenceSetting {
  /** How long nothing has to be heard; null: three times as long as is usual. */
  readonly afterMinutes: number | null;
  readonly action: SilenceAction;
}

export const connectMethods = ['https', 'http'] as const;
export const policyActions = ['permit', 'deny', 'reject'] as const;
export type PolicyAction = (typeof policyActions)[number];
export const protocols = ['tcp', 'udp', 'icmp', 'icmp6'] as const;
export const transports = ['udp', 'tcp', 'tls'] as const;
export const prioritySources = [
  'local',
  'aruba-clearpass',
  'secure-web-gateway',
  'active-directory',
  'firewall-authentication',
  'unified-access-control',
] as const;
export type PrioritySource = (typeof prioritySources)[number];
export const silenceSources = ['aruba-clearpass', 'identity-management', 'active-directory'] as const;
export type SilenceSource = (typeof silenceSources)[number];
export const silenceActions = ['expire', 'keep', 'freeze', 'fall-back'] as const;
export type SilenceAction = (typeof silenceActions)[number];

const asEver: SilenceSetting = { afterMinutes: null, action: 'expire' };

/** What holds where a tenant has set nothing. */
export const defaults: Configuration = {
  clearpass: {
    entryTimeout: 30,
    invalidEntryTimeout: 30,
    userQuery: {
      enabled: false,
      server: { name: '', address: '', port: 443, connectMethod: 'https' },
      caCertificate: null,
      clientId: '',
      clientSecret: null,
      tokenApi: 'api/oauth',
      queryApi: 'api/insight/endpoint/ip/$IP$',
      delayQueryTime: 15,
      includeAddresses: [],
      excludeAddresses: [],
    },
  },
  activeDirectory: { enabled: false },
  identityManagement: {
    enabled: false,
    entryTimeout: 60,
    invalidEntryTimeout: 30,
    primary: { address: '', clientId: '', clientSecret: null, caCertificate: null },
    secondary: null,
    port: 443,
    tokenApi: 'oauth_token/oauth',
    queryApi: 'user_query/v2',
    batchQuery: { itemsPerBatch: 200, queryInterval: 5 },
    ipQuery: { enabled: true, queryDelayTime: 15, maxConnections: 20 },
    filters: { domains: [], includeIp: [], excludeIp: [] },
    preserveValidUser: false,
  },
  priorities: {
    local: 100,
    'aruba-clearpass': 110,
    'secure-web-gateway': 120,
    'active-directory': 125,
    'firewall-authentication': 150,
    'unified-access-control': 200,
  },
  policies: [],
  applications: [],
  defaultPolicy: 'deny',
  networks: [],
  webApi: { allowedClients: [], excludeAddresses: [] },
  threatLogs: {
    enabled: true,
    filter: 'threat-attack',
    rateLimit: 1000,
    threatActions: false,
    destination: { address: '', port: 514, transport: 'udp', caCertificate: null },
  },
  receipts: { days: 14 },
  endUserProfiles: [],
  whenSilent: { 'aruba-clearpass': asEver, 'identity-management': asEver, 'active-directory': asEver },
  threatResponse: threatResponseDefaults,
};

/** Changes with every change of a configuration; `none` while a tenant has set nothing. */
export type Version = string & { readonly brand: 'Version' };
export const noVersion = 'none' as Version;

export interface Versioned {
  readonly version: Version;
  readonly configuration: Configuration;
}

export interface ConfigurationReader {
  /** What holds now: no older than the call. */
  readonly current: (tenant: TenantId) => Promise<Versioned>;
}

export interface ConfigurationStore extends ConfigurationReader {
  /** Stores a configuration in the place of the version that it was made from, whole or not at all. */
  readonly replace: (
    tenant: TenantId,
    replacement: Replacement,
  ) => Promise<{ readonly outcome: 'replaced' | 'conflict'; readonly record: VersionRecord }>;
  /** What is stored of versions, those that never held included. */
  readonly history: (tenant: TenantId) => Promise<History>;
  /** What a version held; `undefined` where it has been removed. */
  readonly version: (tenant: TenantId, record: VersionRecord) => Promise<Configuration | undefined>;
  /** Once more changes nothing. */
  readonly remove: (tenant: TenantId, record: VersionRecord) => Promise<void>;
}

export interface Replacement extends Pick<VersionRecord, 'changedAt' | 'author' | 'message' | 'restored'> {
  readonly configuration: Configuration;
  readonly read: Version;
}
