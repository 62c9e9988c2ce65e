import { type ActionBudget, budgetWindowMs } from '../../shared/admission/action-budget.ts';
import { type Approval, approvalId, type ApprovalStore, openApproval, openHostApproval } from '../../shared/admission/approval.ts'; // prettier-ignore
import type { IpAddress } from '../../shared/identity/address.ts';
import { type EventMemory, type RememberedAnswer, rememberedMs } from '../../shared/admission/event-memory.ts';
import type { EventKey, Trace, TraceStore } from '../../shared/endpoints/traces.ts';
import { aMessage, enforcer, laptop, phone } from '../support/endpoints.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';

export const anAnswer: RememberedAnswer = {
  state: 'applied',
  code: 'blocked',
  message: 'Blocked.',
  mac: laptop,
  ip: desk,
  operations: ['change-1'],
  fingerprint: 'abc',
};

export function eventMemoryContract(name: string, empty: () => Promise<EventMemory>) {
  describe(`the memory of events of ${name}`, () => {
    test('knows an answer by its tenant, client and id, for a week', async () => {
      const memory = await empty();
      const id = 'id with blanks / and # in it';
      await memory.remember(acme, 'one', id, anAnswer, noon);

      expect(await memory.answerTo(acme, 'one', id, noon + rememberedMs - 1)).toEqual(anAnswer);
      expect(await memory.answerTo(acme, 'one', id, noon + rememberedMs)).toBeUndefined();
      expect(await memory.answerTo(acme, 'two', id, noon)).toBeUndefined();
      expect(await memory.answerTo(globex, 'one', id, noon)).toBeUndefined();
    });

    test('cannot look for an id that is longer than a key may be', async () => {
      const memory = await empty();

      await expect(memory.answerTo(acme, 'one', 'x'.repeat(1_025), noon)).rejects.toThrow();
    });

    test('keeps the newest clear, whatever order they come in', async () => {
      const memory = await empty();
      const clearing = { client: 'one', hold: 'blocked' as const, target: desk };
      for (const at of [noon, noon + minutes(2), noon + minutes(1)]) await memory.noteClear(acme, clearing, at, noon);

      expect(await memory.clearedAt(acme, [clearing], noon)).toBe(noon + minutes(2));
      expect(await memory.clearedAt(acme, [{ ...clearing, target: laptop }, clearing], noon)).toBe(noon + minutes(2));
      expect(await memory.clearedAt(acme, [], noon)).toBeUndefined();
      expect(await memory.clearedAt(acme, [{ ...clearing, client: 'two' }], noon)).toBeUndefined();
      expect(await memory.clearedAt(acme, [{ ...clearing, hold: 'quarantined' }], noon)).toBeUndefined();
      expect(await memory.clearedAt(globex, [clearing], noon)).toBeUndefined();
      expect(await memory.clearedAt(acme, [clearing], noon + rememberedMs)).toBeUndefined();
    });
  });
}

export const anApproval = (told: Partial<Approval> = {}): Approval => {
  const received = { message: aMessage(), client: enforcer.name, template: 'sensor', receivedAt: noon };
  return { ...openApproval(received, [laptop, phone]), ...told };
};

export function approvalStoreContract(name: string, empty: () => Promise<ApprovalStore>) {
  describe(`approvals of ${name}`, () => {
    test('are open until one who decides is the first', async () => {
      const store = await empty();
      const approval = anApproval();
      const approved = { ...approval, state: 'approved' as const, mac: laptop, decidedAt: noon, decidedBy: 'desk' };

      expect(await store.decide(acme, approved, noon)).toBe('decided-already');
      await store.open(acme, approval);
      expect(await store.read(acme, approval.id)).toEqual(approval);
      expect(await store.decide(acme, approved, noon)).toBe('decided');
      expect(await store.decide(acme, { ...approved, state: 'rejected' }, noon)).toBe('decided-already');
      expect(await store.read(acme, approval.id)).toEqual(approved);
      expect(await store.read(globex, approval.id)).toBeUndefined();
    });

    test('are absent under an id that is none, however long', async () => {
      const store = await empty();

      for (const id of ['nothing', 'x'.repeat(1_200), '\u00e9'.repeat(600)]) {
        expect(await store.read(acme, id)).toBeUndefined();
        expect(await store.read(globex, id)).toBeUndefined();
      }
    });

    test('make way for the same question, open or decided', async () => {
      const store = await empty();
      const approval = anApproval();
      await store.open(acme, approval);
      await store.open(acme, { ...approval, openedAt: noon + 1 });
      expect(await store.read(acme, approval.id)).toEqual({ ...approval, openedAt: noon + 1 });
      await store.decide(acme, { ...approval, state: 'rejected' }, noon);

      await store.open(acme, { ...approval, openedAt: noon + 2 });
      expect(await store.read(acme, approval.id)).toMatchObject({ state: 'open', openedAt: noon + 2 });
    });

    test('are settled once they are decided, unless they are asked or decided anew', async () => {
      const store = await empty();
      const approval = anApproval();
      const approved = { ...approval, state: 'approved' as const, mac: laptop, decidedAt: noon, decidedBy: 'desk' };
      const settled = { ...approved, settledAt: noon + 1 };
      await store.settle(acme, settled);
      expect(await store.read(acme, approval.id)).toBeUndefined();

      await store.open(acme, approval);
      await store.decide(acme, approved, noon);
      await store.settle(globex, settled);
      await store.settle(acme, { ...settled, decidedAt: noon + 5 });
      expect(await store.read(acme, approval.id)).toEqual(approved);
      await store.settle(acme, settled);
      expect(await store.read(acme, approval.id)).toEqual(settled);

      await store.open(acme, { ...approval, openedAt: noon + 2 });
      await store.settle(acme, settled);
      expect(await store.read(acme, approval.id)).toMatchObject({ state: 'open', openedAt: noon + 2, settledAt: null });
      expect(await store.read(globex, approval.id)).toBeUndefined();
    });

    test('are found by their client and address, and no other', async () => {
      const store = await empty();
      const received = { message: aMessage(), client: enforcer.name, template: 'sensor', receivedAt: noon };
      const other = { ...received, message: aMessage({ endpointIp: '198.51.100.77' as IpAddress }) };
      const ours = [openApproval(received, [laptop]), openApproval(received, [phone], 'blast-radius')];
      const others = [openApproval(other, [laptop]), openApproval({ ...received, client: 'another' }, [laptop]), openHostApproval({ ip: desk, feed: 'api', wanted: 'blocked', level: 9, cause: 'push-1' }, 'blast-radius', noon)]; // prettier-ignore
      for (const each of [...ours, ...others]) await store.open(acme, each);

      const found = await store.about(acme, enforcer.name, desk);
      expect(found.map(({ id }) => id).sort()).toEqual(ours.map(({ id }) => id).sort());
      expect(await store.about(globex, enforcer.name, desk)).toEqual([]);
    });

    test('are listed page by page, each tenant its own', async () => {
      const store = await empty();
      for (const id of ['c', 'a', 'b']) await store.open(acme, anApproval({ id }));
      await store.open(globex, anApproval({ id: 'd' }));
      const first = await store.list(acme, { limit: 2 });

      expect(first.approvals.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(first.next).toBe('b');
      expect(await store.list(acme, { limit: 2, after: 'b' })).toEqual({ approvals: [anApproval({ id: 'c' })] });
    });
  });
}

test('the same message again asks the same question', () => {
  const received = { message: aMessage(), client: enforcer.name, template: 'sensor', receivedAt: noon };
  const macs = [laptop, phone];
  const id = approvalId(received, macs);

  expect(approvalId({ ...received, receivedAt: noon + 1 }, macs.toReversed())).toBe(id);
  expect(approvalId({ ...received, client: 'another' }, macs)).not.toBe(id);
});

export function actionBudgetContract(name: string, empty: () => Promise<ActionBudget>) {
  describe(`the budget of automatic actions of ${name}`, () => {
    const take = async (budget: ActionBudget, key: string, at = noon, most = 2, tenant = acme) =>
      budget.take(tenant, { key, most, now: at });

    test('gives so many in ten minutes, the same act once, and each tenant its own', async () => {
      const budget = await empty();
      expect(await take(budget, 'one')).toBe('taken');
      expect(await take(budget, 'one', noon + 1)).toBe('taken');
      expect(await take(budget, 'two', noon + 2)).toBe('taken');

      expect(await take(budget, 'three', noon + 3)).toBe('exceeded');
      expect(await take(budget, 'two', noon + 3)).toBe('taken');
      expect(await take(budget, 'three', noon + 3, 2, globex)).toBe('taken');
      expect(await take(budget, 'three', noon + 3, 3)).toBe('taken');
    });

    test('has room again when the oldest is ten minutes old, and not a moment before', async () => {
      const budget = await empty();
      await take(budget, 'one');
      await take(budget, 'two', noon + minutes(1));

      expect(await take(budget, 'three', noon + budgetWindowMs - 1)).toBe('exceeded');
      expect(await take(budget, 'three', noon + budgetWindowMs)).toBe('taken');
      expect(await take(budget, 'four', noon + budgetWindowMs)).toBe('exceeded');
    });

    test('is off at 0', async () => {
      const budget = await empty();
      for (const key of ['one', 'two', 'three']) expect(await take(budget, key, noon, 0)).toBe('taken');
    });

    test('is exact with ten who ask at once', async () => {
      const budget = await empty();
      const senders = Array.from({ length: 10 }, async (_, sender) => {
        const told: string[] = [];
        for (let act = 0; act < 6; act += 1) told.push(await take(budget, `${sender} ${act}`, noon + act, 25));
        return told;
      });
      const told = (await Promise.all(senders)).flat();

      expect(told.filter((each) => each === 'taken')).toHaveLength(25);
      expect(await take(budget, 'one more', noon + 9, 25)).toBe('exceeded');
    });
  });
}

export function traceStoreContract(name: string, empty: () => Promise<TraceStore>) {
  describe(`the traces of events of ${name}`, () => {
    const event: EventKey = { client: enforcer.name, id: 'id with blanks / and # in it' };
    const traces: readonly Trace[] = [
      { kind: 'address', ip: desk },
      { kind: 'approval', id: '0123' },
      { kind: 'cleared', mac: laptop },
      { kind: 'endpoint', mac: laptop },
      { kind: 'endpoint', mac: phone },
      { kind: 'terminated', mac: laptop },
    ];

    test('are found by client and id, page by page, and the same once more is the same', async () => {
      const store = await empty();
      for (const trace of [...traces, ...traces.toReversed()]) await store.leave(acme, event, trace, noon);
      const first = await store.of(acme, event, { limit: 4 });

      expect(first.traces).toEqual(traces.slice(0, 4));
      expect(await store.of(acme, event, { limit: 4, after: first.next ?? '' })).toEqual({ traces: traces.slice(4) });
    });

    test('are those of one event of one client of one tenant', async () => {
      const store = await empty();
      for (const trace of traces) await store.leave(acme, event, trace, noon);

      for (const other of [
        { ...event, client: 'another' },
        { ...event, client: null },
        { ...event, id: 'another' },
      ]) {
        expect(await store.of(acme, other, { limit: 4 })).toEqual({ traces: [] });
      }
      expect(await store.of(globex, event, { limit: 4 })).toEqual({ traces: [] });
    });
  });
}
