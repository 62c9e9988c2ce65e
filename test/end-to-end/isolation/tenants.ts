/**
 * Tenants that are easily taken for one another: each one's name begins another's or ends where a separator could stand, and
 * all hold the same addresses, users, devices and names, each with marks of its own on them.
 */
import { randomBytes } from 'node:crypto';
import { type Role, roles } from '../../../shared/contract.ts';
import { type Answered, basic, call, type Service } from '../service.ts';
import { type Marks, newMarks } from './marks.ts';

/** `t10` begins with `t1`, `t1-0` with both `t1` and a separator, and `t` begins them all. */
export const tenantNames = ['t1', 't10', 't1-0', 't'] as const;

/** What all tenants hold alike. */
export const shared = {
  ip: '192.0.2.50',
  /** As ClearPass may write it; it is kept as `2001:db8::50`. */
  ipv6: '2001:DB8:0:0:0:0:0:50',
  user: 'alice',
  mac: '00:11:22:33:ca:fe',
  session: 'session-1',
  eventId: 'event-1',
  key: 'the-same-key-in-every-tenant',
  realm: 'users',
  role: 'employee',
} as const;

/** Names that fold, decompose or read like one another, or like a part of a key. */
export const alikeUsers = [
  'alice',
  'ALICE',
  '\u0430lice',
  'ａｌｉｃｅ',
  'alic\u00e9',
  'alice\u0301',
  'a#b',
  'a/b',
  'a%23b',
  'T#t10#',
  'T#t1#STORY#192.0.2.50',
  '..',
  'null',
  'undefined',
  '[object Object]',
  'alice\u200b',
] as const;

/** By which a tenant's things are asked for. */
export interface Identifiers {
  readonly tenant: string;
  readonly ip: string;
  readonly mac: string;
  readonly user: string;
  readonly domain: string;
  readonly group: string;
  readonly realm: string;
  readonly template: string;
  readonly connector: string;
  readonly nas: string;
  readonly session: string;
  readonly receipt: string;
  readonly approval: string;
  readonly change: string;
  readonly version: string;
  readonly etag: string;
  readonly credential: string;
  readonly eventId: string;
  readonly key: string;
  /** Where each list goes on behind its first item, by its route. */
  readonly cursors: ReadonlyMap<string, string>;
}

export interface Tenant {
  readonly id: string;
  readonly authorizations: Readonly<Record<Role, string>>;
  readonly marks: Marks;
  readonly holds: Identifiers;
}

type Body = Record<string, unknown>;
export type Request = `${string} /${string}`;

interface Issued {
  readonly id: string;
  readonly role: Role;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

const authorizationOf = ({ user, password = '', token = '' }: Issued) =>
  user === undefined ? `Bearer ${token}` : basic(user, password);

/** A tenant that does not hold anything yet. */
export async function newTenant({ url, authorizations }: Service, id: string): Promise<Omit<Tenant, 'holds'>> {
  const marks = newMarks();
  const { provider } = authorizations.acme;
  const told = JSON.stringify({ id, name: `Tenant ${marks.of('the name of the tenant', 'known')}` });
  const { status, body } = await call(url, 'POST /v1/tenants', provider, told);
  if (status !== 201) throw new Error(JSON.stringify(body));
  const issued = body.credentials as Issued[];
  for (const each of issued) {
    marks.note(`the id of the credential for ${each.role}`, each.id, 'known');
    for (const secret of [each.password, each.token]) if (secret !== undefined) marks.note(`the secret of the credential for ${each.role}`, secret, 'secret'); // prettier-ignore
  }
  const pairs = issued.map((each) => [each.role, authorizationOf(each)] as const);
  const own = Object.fromEntries([...pairs, ['provider', provider]]) as Record<Role, string>;
  if (roles.some((role) => !(role in own))) throw new Error(`A new tenant lacks the credential of a role.`);
  return { id, authorizations: own, marks };
}

/** Names that nothing has, of the same form: what is another's must be answered as they are. */
export function nobodys(holds: Identifiers): Identifiers {
  const other = (text: string) =>
    text.replaceAll(/[\da-f]/g, (digit) => (/\d/.test(digit) ? randomDigit('0123456789') : randomDigit('abcdef')));
  /** What is in front may tell a time or a kind, and is to be as it was. */
  const ending = (text: string, length: number) => text.slice(0, -length) + other(text.slice(-length));
  return {
    ...holds,
    tenant: 'tt',
    ip: `2001:db8:${randomBytes(2).toString('hex').replace(/^0+/, 'a')}:1::5`,
    mac: `02:${randomBytes(5)
      .toString('hex')
      .replaceAll(/(..)(?=.)/g, '$1:')}`,
    user: randomBytes(8).toString('hex'),
    domain: randomBytes(8).toString('hex'),
    group: randomBytes(8).toString('hex'),
    realm: randomBytes(8).toString('hex'),
    template: randomBytes(8).toString('hex'),
    connector: randomBytes(8).toString('hex'),
    nas: `203.0.113.${randomBytes(1)[0] ?? 0}`,
    session: ending(holds.session, 12),
    receipt: ending(holds.receipt, 12),
    approval: ending(holds.approval, 12),
    change: ending(holds.change, 12),
    version: '999999',
    etag: `"00000009-${randomBytes(4).toString('hex')}"`,
    credential: ending(holds.credential, 4),
    eventId: randomBytes(8).toString('hex'),
    key: randomBytes(8).toString('hex'),
  };
}

const randomDigit = (digits: string) => digits[(randomBytes(1)[0] ?? 0) % digits.length] ?? '';

/** Speaks for a tenant. Throws where it is not answered as it should be: what is not held cannot be lost. */
export function speakerFor(
  { url }: Pick<Service, 'url'>,
  { id, authorizations }: Pick<Tenant, 'id' | 'authorizations'>,
) {
  return async (role: Role, request: Request, told?: Body | string, headers: Record<string, string> = {}) => {
    const body = told === undefined || typeof told === 'string' ? told : JSON.stringify(told);
    let answer: Answered = await call(url, request, authorizations[role], body, headers);
    // Where the machine has much to do the service asks for a repeat, and stores what is the same once.
    for (let left = 5; answer.status === 503 && left > 0; left -= 1) answer = await call(url, request, authorizations[role], body, headers); // prettier-ignore
    if (answer.status >= 300) throw new Error(`${id}: ${request}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  };
}
