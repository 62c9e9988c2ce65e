/** Tenants: one address space each. A tenant comes from the credential, never from what a caller sends. */
import { providerTenant } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { OwnLimits } from './limits.ts';

export type TenantId = string & { readonly brand: 'TenantId' };

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly createdAt: number;
  /** Those that the provider has set; absent where it has set none. */
  readonly limits?: OwnLimits;
}

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
