/** The user access log: one line for every login that came to us, let in or not. */
import type { IpAddress } from '../identity/address.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { LogPage } from './event-line.ts';

export const accessResults = ['accepted', 'rejected'] as const;

export interface AccessLine {
  readonly id: string;
  readonly at: number;
  readonly result: (typeof accessResults)[number];
  readonly code: string;
  readonly message: string;
  readonly user: string | null;
  readonly realm: string | null;
  readonly roles: readonly string[];
  /** The role that it was put into, where that is a quarantine role. */
  readonly quarantineRole: string | null;
  readonly mac: Mac | null;
  readonly ip: IpAddress | null;
  readonly nas: string | null;
  readonly port: string | null;
  readonly returnAttributes: string | null;
}

export interface AccessFilter {
  readonly from?: number;
  readonly to?: number;
  readonly mac?: Mac;
  readonly ip?: IpAddress;
  readonly user?: string;
  readonly realm?: string;
  readonly result?: AccessLine['result'];
}

export interface AccessLog {
  readonly tell: (tenant: TenantId, lines: readonly AccessLine[]) => Promise<void>;
  readonly find: (tenant: TenantId, filter: AccessFilter, page: LogPage) => Promise<{ readonly lines: readonly AccessLine[]; readonly next?: string }>; // prettier-ignore
}
