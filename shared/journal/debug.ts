/**
 * The debug log: what the machinery of threat response saw and did, told step by step while a tenant has it on. It is on
 * for a time only, and where it is off nothing is made up to be told.
 */
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { LogPage } from './event-line.ts';

/** Lines are for who looks for a fault now; whoever looks later has the event log. */
export const debugDays = 7;
export const mostDebugMinutes = 24 * 60;

export const debugParts = ['admission', 'radius', 'changes'] as const;

export interface DebugTold {
  readonly part: (typeof debugParts)[number];
  /** One sentence: what was seen, or what was done and why. */
  readonly message: string;
  readonly mac?: Mac | null;
  readonly ip?: IpAddress | null;
  readonly user?: string | null;
  readonly requestId?: string;
  /** What was looked at, by name. Passwords and other secrets are left out, whoever tells them. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Debug {
  /** `tell` is called only while the tenant has its debug log on. Whatever fails here is nobody's failure. */
  readonly say: (tenant: TenantId, tell: () => DebugTold) => Promise<void>;
}

/** For who has nobody to tell. */
export const silent: Debug = { say: async () => Promise.resolve() };

export interface DebugLine {
  readonly id: string;
  readonly at: number;
  readonly part: DebugTold['part'];
  readonly message: string;
  readonly mac: Mac | null;
  readonly ip: IpAddress | null;
  readonly user: string | null;
  readonly requestId: string | null;
  /** JSON, cut where it is long. */
  readonly details: string | null;
}

export interface DebugSwitch {
  /** Epoch milliseconds; what lies behind us is off. */
  readonly until: (tenant: TenantId) => Promise<number>;
  readonly set: (tenant: TenantId, until: number) => Promise<void>;
}

export interface DebugFilter {
  readonly from?: number;
  readonly to?: number;
  readonly part?: DebugTold['part'];
  readonly mac?: Mac;
  readonly ip?: IpAddress;
}

export interface DebugLog {
  readonly tell: (tenant: TenantId, lines: readonly DebugLine[]) => Promise<void>;
  /** The newest first. */
  readonly find: (tenant: TenantId, filter: DebugFilter, page: LogPage) => Promise<{ readonly lines: readonly DebugLine[]; readonly next?: string }>; // prettier-ignore
}

/** Names under which secrets travel, in the words of RADIUS, HTTP and ours. What a device proves itself with is one too. */
const secretNames = /secret|passw|token|chap|eap|authorization|cookie|api[-_]?key|certificate-data/i;
const mostTold = 4_000; // characters of all details together

export interface SayIfOn {
  readonly switches: Pick<DebugSwitch, 'until'>;
  readonly log: Pick<DebugLog, 'tell'>;
  readonly now: () => number;
  readonly newId: () => string;
  /** Hears why a line could not be told. */
  readonly untold: (tenant: TenantId, error: Error) => void;
}

/** How long a function believes what it read of a tenant's switch. */
const believedMs = 10_000;
/** Tenants that a function remembers; then it begins anew. */
const remembered = 1_000;

/** The switch costs one small read in ten seconds, function and tenant; a line one write, before its teller goes on. */
export function sayIfOn({ switches, log, now, newId, untold }: SayIfOn): Debug {
  const known = new Map<TenantId, { readonly readAt: number; readonly until: Promise<number> }>();

  async function untilOf(tenant: TenantId) {
    const memory = known.get(tenant);
    if (memory !== undefined && Math.abs(now() - memory.readAt) < believedMs) return memory.until;
    if (known.size >= remembered) known.clear();
    const until = switches.until(tenant);
    known.set(tenant, { readAt: now(), until });
    return until;
  }

  return {
    async say(tenant, tell) {
      try {
        const until = await untilOf(tenant);
        const at = now();
        if (until <= at) return;
        const { part, message, mac = null, ip = null, user = null, requestId = null, details } = tell();
        const seen = details === undefined ? null : withoutSecrets(details);
        await log.tell(tenant, [{ id: newId(), at, part, message, mac, ip, user, requestId, details: seen }]);
      } catch (error) {
        untold(tenant, error as Error);
      }
    },
  };
}

/** What may be kept of the details, however deep a secret lies in them. */
export function withoutSecrets(details: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(details, (name, value: unknown) => (secretNames.test(name) ? '(left out)' : value));
  return text.length > mostTold ? `${text.slice(0, mostTold)}…` : text;
}
