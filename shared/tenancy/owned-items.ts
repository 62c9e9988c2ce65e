/** What a tenant owns: every item of every table whose key is its own, and the logins that open what it has. */
import { providerTenant, type Role } from '../contract.ts';
import { rolesOf } from './credential.ts';
import type { TenantId } from './tenant.ts';

export const tableNames = ['entries', 'endpoints', 'journal', 'tenants'] as const;
export type TableName = (typeof tableNames)[number];

/** The tables as they are looked through: of the tenants table, what the authorizer reads is a part of its own. */
export const sections = [...tableNames, 'logins'] as const;
export type Section = (typeof sections)[number];

export const tableOf = (section: Section): TableName => (section === 'logins' ? 'tenants' : section);

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** Where looking through goes on: behind an item, or at the beginning of a section. */
export interface ItemPlace {
  readonly section: Section;
  readonly after?: ItemKey;
}

/** An attribute as DynamoDB writes it in JSON; what is binary in base64. */
export type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly M: Readonly<Record<string, Attribute>> }
  | { readonly L: readonly Attribute[] }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export type Item = Readonly<Record<string, Attribute>>;

/** That JIMS is to be asked for batches of a tenant is told by a line in the provider's list. */
export const rosterKey = (tenant: TenantId): ItemKey => ({ pk: `T#${providerTenant}`, sk: `BATCH#${tenant}` });

/** Why an item is none of this tenant's; `undefined` where it is one. */
export function foreign(tenant: TenantId, table: TableName, item: Item): string | undefined {
  const [pk, sk] = [textIn(item, 'pk'), textIn(item, 'sk')];
  if (pk === undefined || sk === undefined || pk === '' || sk === '') return 'It has no key.';
  if (table === 'tenants' && pk.startsWith('CREDENTIAL#')) return foreignLogin(tenant, { pk, sk }, item);
  const roster = rosterKey(tenant);
  if (table === 'tenants' && pk === roster.pk && sk === roster.sk) return undefined;
  if (pk !== `T#${tenant}` && !pk.startsWith(`T#${tenant}#`)) return 'Its key is not one of this tenant.';
  const isCredential = table === 'tenants' && pk === `T#${tenant}` && sk.startsWith('CREDENTIAL#');
  return isCredential ? foreignRole(tenant, item) : undefined;
}

/**
 * How it is with a tenant, what it has used up, and how its threat logs are on their way: the provider's word and this
 * deployment's own counting. It goes with the tenant when that is erased, and is in no export. What became of logs is history, and is.
 */
export function isKeptHere(tenant: TenantId, table: TableName, item: Item): boolean {
  const [pk, sk] = [textIn(item, 'pk'), textIn(item, 'sk')];
  if (table === 'tenants') return pk === `T#${tenant}` && sk === 'TENANT';
  if (table !== 'journal') return false;
  return pk === `T#${tenant}#USAGE` || (pk === `T#${tenant}#THREATLOGS` && sk?.startsWith('COUNT#') === false);
}

/** A login opens what it names, so it must name this tenant, and no role that a tenant cannot have. */
function foreignLogin(tenant: TenantId, { pk, sk }: ItemKey, item: Item): string | undefined {
  if (!/^CREDENTIAL#[0-9a-f]{64}$/.test(pk) || sk !== 'CREDENTIAL') return 'It is no login.';
  if (textIn(item, 'tenant') !== tenant) return 'This login is not of this tenant.';
  const kind = textIn(item, 'kind');
  if (kind === 'key') return undefined; // an API key opens what its user opens
  return kind === 'basic' || kind === 'token' ? foreignRole(tenant, item) : 'It is no login.';
}

const foreignRole = (tenant: TenantId, item: Item) =>
  rolesOf(tenant).includes(textIn(item, 'role') as Role) ? undefined : 'No tenant has a credential of this role.';

const textIn = (item: Item, name: string): string | undefined => {
  const attribute = item[name];
  return attribute !== undefined && 'S' in attribute ? attribute.S : undefined;
};
