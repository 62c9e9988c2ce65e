/**
 * Erasing a tenant: everything of it is looked for and removed, pass after pass over all tables, until a pass finds
 * nothing that began long enough after anything was last found. Requests, workers and logins that were on their way when
 * it was ordered have ended by then, so nothing comes back.
 */
import type { ItemPlace, Section } from './owned-items.ts';

export interface Erasure {
  readonly requestedAt: number;
  /** The credential of the provider's that ordered it, and in which request. */
  readonly requestedBy: { readonly id: string; readonly name: string };
  readonly requestId: string;
  /** How many items were removed; one that a worker removed in the moment when it was killed is not counted. */
  readonly removed: Readonly<Record<Section, number>>;
  /** Counts what was put down, so that of two workers one finds that it is not alone. */
  readonly step: number;
  /** When anything of the tenant was last there for certain. */
  readonly lastFoundAt: number;
  /** The pass that is under way. */
  readonly pass?: Pass;
  readonly erasedAt?: number;
}

export interface Pass {
  readonly beganAt: number;
  readonly found: number;
  readonly at: ItemPlace;
}

/** Credentials and configuration go first: without them nothing else is written. */
export const erasedInOrder = ['logins', 'tenants', 'entries', 'endpoints', 'journal'] as const satisfies Section[];

/**
 * Longer than API Gateway remembers a login and a function lives after it, together. What waits in a queue finds no
 * configuration, and then writes nothing.
 */
export const quietMs = 5 * 60_000;

export const ordered = (told: Pick<Erasure, 'requestedAt' | 'requestedBy' | 'requestId'>): Erasure => ({
  ...told,
  removed: { logins: 0, tenants: 0, entries: 0, endpoints: 0, journal: 0 },
  step: 0,
  lastFoundAt: told.requestedAt,
});

/** Where to look now; `undefined` where it is not time yet, or over. The first pass begins at once. */
export function passAt({ pass, erasedAt, requestedAt, lastFoundAt, step }: Erasure, now: number): Pass | undefined {
  if (erasedAt !== undefined) return undefined;
  if (pass !== undefined) return pass;
  if (step > 0 && now < lastFoundAt + quietMs) return undefined;
  return { beganAt: Math.max(now, requestedAt), found: 0, at: { section: erasedInOrder[0] } };
}

export interface Removal {
  readonly removed: number;
  /** Where the section goes on; absent at its end. */
  readonly next?: ItemPlace;
}

/** The erasure after so much of a pass. */
export function stepped(erasure: Erasure, pass: Pass, { removed, next }: Removal, now: number): Erasure {
  const { section } = pass.at;
  const found = pass.found + removed;
  const { pass: _, ...before } = erasure;
  const after = {
    ...before,
    step: erasure.step + 1,
    removed: { ...erasure.removed, [section]: erasure.removed[section] + removed },
    ...(removed > 0 && { lastFoundAt: now }),
  };
  const following = erasedInOrder[erasedInOrder.indexOf(section) + 1];
  const at = next ?? (following && { section: following });
  if (at !== undefined) return { ...after, pass: { ...pass, found, at } };
  const isQuiet = found === 0 && pass.beganAt >= erasure.lastFoundAt + quietMs;
  return isQuiet ? { ...after, erasedAt: now } : after;
}
