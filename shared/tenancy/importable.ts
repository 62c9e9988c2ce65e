/**
 * Which items of a tenant are taken from a page of an import. What is kept of it here and nowhere else is made here; and
 * what opens something must be as we write it, as everybody's door reads it.
 */
import * as v from 'valibot';
import { anyLoginRecord, credentialRecord } from './credential-record.ts';
import { valuesOf } from './item-form.ts';
import { foreign, type Item, isKeptHere, type TableName } from './owned-items.ts';
import type { TenantId } from './tenant.ts';

/** Why an item is not taken; `undefined` where it is. */
export function notTaken(tenant: TenantId, table: TableName, item: Item): string | undefined {
  const reason = foreign(tenant, table, item);
  if (reason !== undefined) return reason;
  if (isKeptHere(tenant, table, item)) return 'This is never a part of an export: it is made here.';
  if (table !== 'tenants') return undefined;
  const values = valuesOf(item);
  const [pk, sk] = [String(values.pk), String(values.sk)];
  if (pk.startsWith('CREDENTIAL#')) {
    return v.is(anyLoginRecord, values) ? undefined : 'It is no login.';
  }
  const isCredential = pk === `T#${tenant}` && sk.startsWith(credentials);
  return !isCredential || isCredentialOf(tenant, sk.slice(credentials.length), values)
    ? undefined
    : 'It is no credential of this tenant.';
}

const credentials = 'CREDENTIAL#';

/** A user is called after its tenant, so that the record of one names no user of another. */
function isCredentialOf(tenant: TenantId, id: string, values: Readonly<Record<string, unknown>>): boolean {
  if (!v.is(credentialRecord, values) || values.id !== id || !/^[a-z0-9]{1,64}$/.test(id)) return false;
  const { kind, user = '', secrets } = values;
  const [holder, name] = [user.slice(0, tenant.length + 1), user.slice(tenant.length + 1)];
  const isNamed = kind === 'basic' ? holder === `${tenant}-` && /^[a-z0-9]{8}$/.test(name) : values.user === undefined;
  return isNamed && secrets.length <= 2 && secrets.every(({ digest }) => /^[0-9a-f]{64}$/.test(digest));
}
