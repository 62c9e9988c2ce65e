/**
 * Stories: short lines of what happened to an address and to a user that the entry itself cannot tell, so that whoever
 * asks why somebody is missing finds it. A line is told of its address and of its user, each where it is known.
 */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/**
 * `post`: an entry of a post that was not stored as it was sent. `query`: what came of asking about an address.
 * `delete`: an operator ended the entry. `session`: a session was closed or could not be followed.
 */
export const storyKinds = ['post', 'query', 'delete', 'session'] as const;
export type StoryKind = (typeof storyKinds)[number];

export interface StoryLine {
  /** Tells lines of the same millisecond apart. The same line told twice, with the same id, is there once. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: StoryKind;
  readonly ip?: IpAddress;
  readonly user?: string;
  readonly domain?: string;
  /** Stable: of a remark, of a query's answer, of a delete. */
  readonly code: string;
  readonly message: string;
  /** The receipt that tells all of the post, and which entry of it this was, counted from 1. */
  readonly receipt?: string;
  readonly entry?: number;
  /** Who did it, where somebody did. */
  readonly credentialId?: string;
}

/** Whose story is read. */
export type StorySubject = { readonly ip: IpAddress } | { readonly user: string };

export interface StoryPage {
  /** Epoch milliseconds: the first and the last that are wanted. */
  readonly from?: number;
  readonly to?: number;
  readonly kind?: StoryKind;
  /** Lines older than this position. */
  readonly after?: string;
  readonly limit: number;
  /** Epoch milliseconds; what was to be kept until earlier than now is absent. */
  readonly now: number;
}

export interface StoryWriting {
  /** Days that the lines are kept. */
  readonly days: number;
  /** Epoch milliseconds: no more is begun from then on. */
  readonly untilAt?: number;
}

export interface StoryStore {
  /**
   * Never fails: what happened has happened, whether or not it can be told. Lines of which neither address nor user is
   * known are nobody's story. Answers how many of the lines were not told for all whom they are about.
   */
  add(tenant: TenantId, lines: readonly StoryLine[], writing: StoryWriting): Promise<{ readonly leftOut: number }>;
  /** The newest first, at most `limit`; `next` is the position to go on from, absent at the end. */
  read(
    tenant: TenantId,
    subject: StorySubject,
    page: StoryPage,
  ): Promise<{ readonly lines: readonly StoryLine[]; readonly next?: string }>;
}

/** Where a line stands in its story: by time. */
export const storyPosition = ({ at, id }: Pick<StoryLine, 'at' | 'id'>): string =>
  `${new Date(at).toISOString()}#${id}`;

/** Stories are ordered by `<ISO time>#<id>`, and so are receipts. */
export const isPositionInTime = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#/.test(value) &&
  !Number.isNaN(Date.parse(value.slice(0, 24)));
