/**
 * Posts as several senders of two tenants make them: few and many entries, logons and logoffs, out of order, repeated,
 * of addresses that many of them tell of and of one address each that nobody else does. The same seed makes the same posts.
 */
import { seededChance } from '../simulators/behaviour.ts';
import type { IpAddress } from '../../shared/identity/address.ts';

export const tenants = ['acme', 'globex'] as const;
export type Tenant = (typeof tenants)[number];

export interface PlannedPost {
  readonly tenant: Tenant;
  /** Which of the tenant's senders posts it. */
  readonly sender: number;
  readonly body: string;
}

export interface LoadOptions {
  readonly seed: number;
  readonly posts: number;
  readonly senders: number;
  /** Addresses of each tenant that posts share. */
  readonly addresses: number;
  /** Epoch milliseconds: the newest instant that is told. */
  readonly now: number;
}

/** No more than the order of an address remembers. */
const users = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'] as const;
const domains = ['acme', 'corp.example'] as const;
const roles = ['staff', 'guests', 'printers', 'admins', 'contractors'] as const;
const windowMs = 30 * 60_000;
/** Coarse, so that some logons of an address are of one instant and only their content tells which stands. */
const stepMs = 5_000;

export function plannedPosts({ seed, posts, senders, addresses, now }: LoadOptions): readonly PlannedPost[] {
  const chance = seededChance(seed);
  const below = (count: number) => Math.floor(chance() * count);
  const pick = <Each>(all: readonly [Each, ...Each[]]) => all[below(all.length)] ?? all[0];
  const newest = Math.floor(now / stepMs) * stepMs;
  const instant = () => new Date(newest - stepMs * below(windowMs / stepMs)).toISOString();
  const shared = () => `10.${seed % 200}.${100 + below(Math.ceil(addresses / 200))}.${1 + below(200)}`;
  const own = (post: number) => `10.${seed % 200}.${Math.floor(post / 200)}.${1 + (post % 200)}`;

  const logon = (ip: string) =>
    entryXml('logon', ip, pick(users), {
      domain: pick(domains),
      roles: roles.filter(() => chance() < 0.4),
      timestamp: instant(),
    });
  const logoff = (ip: string) =>
    chance() < 0.5
      ? entryXml('logoff', ip, undefined, { timestamp: instant() })
      : entryXml('logoff', ip, pick(users), { domain: pick(domains), timestamp: instant() });
  const sizeOf = (drawn: number) => (drawn < 0.55 ? 1 + below(3) : drawn < 0.85 ? 4 + below(4) : 9 + below(20));

  const planned: PlannedPost[] = [];
  for (let post = 0; post < posts; post += 1) {
    const former = planned[below(planned.length)];
    if (former !== undefined && chance() < 0.12) {
      planned.push({ ...former, sender: below(senders) });
      continue;
    }
    const others = Array.from({ length: sizeOf(chance()) }, () =>
      chance() < 0.7 ? logon(shared()) : logoff(shared()),
    );
    const entries = [...others.slice(1), logon(own(post))];
    planned.push({ tenant: pick(tenants), sender: below(senders), body: postXml(entries) });
  }
  return planned;
}

export const postXml = (entries: readonly string[]) => `<userfw-entries>${entries.join('')}</userfw-entries>`;

export interface Details {
  readonly domain?: string;
  readonly roles?: readonly string[];
  readonly timestamp: string;
}

export function entryXml(operation: 'logon' | 'logoff', ip: string, user: string | undefined, details: Details) {
  const { domain, roles: groups = [], timestamp } = details;
  const element = (name: string, text: string | undefined) => (text === undefined ? '' : `<${name}>${text}</${name}>`);
  const list = groups.map((role) => element('role', role)).join('');
  return element(
    'userfw-entry',
    [
      '<source>Aruba ClearPass</source>',
      element('operation', operation),
      element('IP', ip),
      element('domain', domain),
      element('user', user),
      list === '' ? '' : element('role-list', list),
      element('timestamp', timestamp),
    ].join(''),
  );
}

/** All addresses that a run with this seed tells of begin so. */
export const isOfSeed = (ip: IpAddress | string, seed: number) => ip.startsWith(`10.${seed % 200}.`);
