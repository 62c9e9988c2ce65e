/** Tenants: one address space each. A tenant comes from the credential, never from what a caller sends. */
import { providerTenant } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { OwnLimits } from './limits.ts';
import type { Arrival } from './arrival.ts';
import type { Erasure } from './erasure.ts';

export type TenantId = string & { readonly brand: 'TenantId' };

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly createdAt: number;
  /** Those that the provider has set; absent where it has set none. */
  readonly limits?: OwnLimits;
  /** Of a tenant whose data are being removed, or were. */
  readonly erasure?: Erasure;
  /** Of a tenant that came by an import. */
  readonly arrival?: Arrival;
  /** How the data of the tenant ended that had the id before. */
  readonly formerly?: Erasure;
}

export const tenantStates = ['live', 'importing', 'erasing', 'erased'] as const;
export type TenantState = (typeof tenantStates)[number];

export function stateOf({ erasure, arrival }: Tenant): TenantState {
  if (erasure !== undefined) return erasure.erasedAt === undefined ? 'erasing' : 'erased';
  return arrival !== undefined && arrival.finishedAt === undefined ? 'importing' : 'live';
}

/** Whether what is done for every tenant by the clock is done for this one. */
export const isLive = (tenant: Tenant): boolean => stateOf(tenant) === 'live';

/** Whose credentials open the tenants' own management: it keeps a place in the tenants table like a tenant's, and is none. */
export const provider = providerTenant as TenantId;

const form = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The id of a tenant. Throws `parameter-invalid`. */
export function tenantId(text: string): TenantId {
  if (!form.test(text)) {
    throw new ServiceError(
      'parameter-invalid',
      `A tenant's id is 1 to 32 of a-z, 0-9 and "-", and does not start with "-". Choose another id.`,
    );
  }
  return text as TenantId;
}

/** Whose credentials can be: a tenant's, or the provider's. Throws `parameter-invalid`. */
export const holderId = (text: string): TenantId => (text === provider ? provider : tenantId(text));
