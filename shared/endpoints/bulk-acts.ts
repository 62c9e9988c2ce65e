/**
 * One act on many endpoints. All of it is one event, by whose id it is undone; each endpoint has its own outcome and its
 * own line in the event log. The same call once more does what is left, and finds the rest done.
 */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Hold } from './endpoint.ts';
import { holdersNow, type KnowsHolders } from './holders-now.ts';
import type { Mac } from './mac.ts';
import { actOnEach, type Each, isUnfinished } from './many.ts';
import {
  type Acted,
  blockEndpoint,
  clearEndpoint,
  type HoldWanted,
  mustBeQuarantineRole,
  type Operator,
  type OperatorActs,
  quarantineEndpoint,
  type QuarantineWanted,
  terminateSessions,
} from './operator-acts.ts';

export type BulkWanted =
  | ({ readonly act: 'block' } & HoldWanted)
  | ({ readonly act: 'quarantine' } & QuarantineWanted)
  | { readonly act: 'clear'; readonly hold: Hold | 'all'; readonly note: string | null }
  | { readonly act: 'terminate'; readonly note: string | null };

/** One endpoint, as it was named. */
export type BulkTarget = { readonly mac: Mac; readonly ip?: never } | { readonly mac?: never; readonly ip: IpAddress };

export interface BulkActed {
  readonly eventId: string;
  readonly results: readonly { readonly target: BulkTarget; readonly came: Each<Acted | NotFound> }[];
  /** `some`: the same call once more, with the same key, goes on. */
  readonly left: 'none' | 'some';
}

/** Nobody has the address now, or several have. */
export interface NotFound {
  readonly outcome: 'address-absent' | 'address-ambiguous';
  readonly macs: readonly Mac[];
}

export interface Bulk {
  readonly by: Omit<Operator, 'mac' | 'cause'>;
  readonly eventId: string;
  readonly targets: readonly BulkTarget[];
  /** Epoch milliseconds: from then on no further one is begun. */
  readonly untilAt: number;
}

/** Throws `body-invalid` where the role is none that endpoints are quarantined into. */
export async function actOnMany(
  deps: OperatorActs,
  { by, eventId, targets, untilAt }: Bulk,
  wanted: BulkWanted,
): Promise<BulkActed> {
  const settings = await deps.settingsOf(by.tenant);
  if (wanted.act === 'quarantine') mustBeQuarantineRole(wanted.role, settings.roles);
  const once = { ...deps, settingsOf: async () => Promise.resolve(settings) };
  const came = await actOnEach(targets, { now: deps.now, untilAt }, async (target) => {
    const found = target.mac ?? (await holderOf(deps, by.tenant, target.ip));
    return typeof found === 'string' ? actOn(once, { ...by, mac: found, cause: eventId }, wanted) : found;
  });
  const results = targets.map((target, at) => ({ target, came: came[at] ?? { came: 'left' as const } }));
  return { eventId, results, left: isUnfinished(came) ? 'some' : 'none' };
}

/** Part by part: what else was said of the many, such as whom it means, is nothing of one's reason. */
async function actOn(deps: OperatorActs, by: Operator, wanted: BulkWanted): Promise<Acted> {
  switch (wanted.act) {
    case 'block':
      return blockEndpoint(deps, by, holdIn(wanted));
    case 'quarantine':
      return quarantineEndpoint(deps, by, { ...holdIn(wanted), role: wanted.role, session: wanted.session });
    case 'clear':
      return clearEndpoint(deps, by, { hold: wanted.hold, note: wanted.note });
    case 'terminate':
      return terminateSessions(deps, by, { session: null, note: wanted.note });
  }
}

const holdIn = ({ threatName, note, minutes }: HoldWanted): HoldWanted => ({ threatName, note, minutes });

/** Who has the address at this moment. */
async function holderOf(deps: KnowsHolders, tenant: TenantId, ip: IpAddress): Promise<Mac | NotFound> {
  const [only, ...others] = (await holdersNow(deps, tenant, ip)).map(({ mac }) => mac);
  if (only === undefined) return { outcome: 'address-absent', macs: [] };
  return others.length === 0 ? only : { outcome: 'address-ambiguous', macs: [only, ...others] };
}
