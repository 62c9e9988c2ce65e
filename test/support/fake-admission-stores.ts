/** What admission control remembers, in memory. Holds to the contracts of the real stores. */
import { type ActionBudget, spend, type SpentAct } from '../../shared/admission/action-budget.ts';
import { type Approval, type ApprovalStore, askedPrefix } from '../../shared/admission/approval.ts';
import { type Clearing, type EventMemory, type RememberedAnswer, rememberedMs } from '../../shared/admission/event-memory.ts'; // prettier-ignore

import { type EventKey, type Trace, traceName, type TraceStore } from '../../shared/endpoints/traces.ts';

interface Kept<Value> {
  readonly value: Value;
  readonly untilAt: number;
}

/** Bytes of a sort key. */
const longestKey = 1_024;

export function fakeEventMemory(): EventMemory {
  const answers = new Map<string, Kept<RememberedAnswer>>();
  const clears = new Map<string, Kept<number>>();
  const keyOfClear = (tenant: string, { client, hold, target }: Clearing) => JSON.stringify([tenant, client, hold, target]); // prettier-ignore
  const live = <Value>(kept: Kept<Value> | undefined, now: number) =>
    kept !== undefined && now < kept.untilAt ? kept.value : undefined;

  return {
    async answerTo(tenant, client, eventId, now) {
      if (Buffer.byteLength(eventId) > longestKey) throw new Error('The id is longer than a sort key may be.');
      return Promise.resolve(live(answers.get(JSON.stringify([tenant, client, eventId])), now));
    },
    async remember(tenant, client, eventId, value, now) {
      answers.set(JSON.stringify([tenant, client, eventId]), { value, untilAt: now + rememberedMs });
      return Promise.resolve();
    },
    async clearedAt(tenant, clearings, now) {
      const times = clearings.flatMap((each) => live(clears.get(keyOfClear(tenant, each)), now) ?? []);
      return Promise.resolve(times.length === 0 ? undefined : Math.max(...times));
    },
    async noteClear(tenant, clearing, occurredAt, now) {
      const key = keyOfClear(tenant, clearing);
      if ((live(clears.get(key), now) ?? -Infinity) < occurredAt) clears.set(key, { value: occurredAt, untilAt: now + rememberedMs }); // prettier-ignore
      return Promise.resolve();
    },
  };
}

export function fakeApprovalStore(): ApprovalStore {
  const tenants = new Map<string, Map<string, Approval>>();
  const of = (tenant: string) => {
    const kept = tenants.get(tenant) ?? new Map<string, Approval>();
    tenants.set(tenant, kept);
    return kept;
  };
  return {
    read: async (tenant, id) => Promise.resolve(of(tenant).get(id)),
    async list(tenant, { limit, after = '' }) {
      const all = [...of(tenant).values()].filter(({ id }) => id > after).sort((one, other) => (one.id < other.id ? -1 : 1)); // prettier-ignore
      const approvals = all.slice(0, limit);
      const last = approvals.at(-1);
      return Promise.resolve({ approvals, ...(all.length > limit && last && { next: last.id }) });
    },
    about: async (tenant, client, ip) =>
      Promise.resolve([...of(tenant).values()].filter(({ id }) => id.startsWith(askedPrefix(client, ip)))),
    async open(tenant, approval) {
      of(tenant).set(approval.id, approval);
      return Promise.resolve();
    },
    async decide(tenant, approval) {
      if (of(tenant).get(approval.id)?.state !== 'open') return Promise.resolve('decided-already');
      of(tenant).set(approval.id, approval);
      return Promise.resolve('decided');
    },
    async settle(tenant, approval) {
      const known = of(tenant).get(approval.id);
      if (known?.state === approval.state && known.decidedAt === approval.decidedAt)
        of(tenant).set(approval.id, approval);
      return Promise.resolve();
    },
  };
}

/** Others come in between a read and its write, as they do in reality. */
export function fakeActionBudget(): ActionBudget {
  const tenants = new Map<string, { readonly acts: readonly SpentAct[] }>();
  return {
    async take(tenant, wanted) {
      if (wanted.most === 0) return 'taken';
      for (;;) {
        const read = tenants.get(tenant);
        await Promise.resolve();
        const spending = spend(read?.acts ?? [], wanted);
        if (spending.outcome === 'counted') return 'taken';
        if (spending.outcome === 'exceeded') return 'exceeded';
        if (tenants.get(tenant) === read) {
          tenants.set(tenant, { acts: spending.acts });
          return 'taken';
        }
      }
    },
  };
}

export function fakeTraceStore(): TraceStore {
  const events = new Map<string, Map<string, Trace>>();
  const keyOf = (tenant: string, { client, id }: EventKey) => JSON.stringify([tenant, client, id]);
  return {
    async leave(tenant, event, trace) {
      const left = events.get(keyOf(tenant, event)) ?? new Map<string, Trace>();
      events.set(keyOf(tenant, event), left.set(traceName(trace), trace));
      return Promise.resolve();
    },
    async of(tenant, event, { limit, after = '' }) {
      const all = [...(events.get(keyOf(tenant, event)) ?? [])].filter(([name]) => name > after).sort(([one], [other]) => (one < other ? -1 : 1)); // prettier-ignore
      const page = all.slice(0, limit);
      const last = page.at(-1)?.[0];
      return Promise.resolve({ traces: page.map(([, trace]) => trace), ...(all.length > limit && last !== undefined && { next: last }) }); // prettier-ignore
    },
  };
}
