import { describe, expect, it } from '@jest/globals';
import { advance } from '../../shared/infected-hosts/advance.ts';
import type { HostEvent, Listed } from '../../shared/infected-hosts/events.ts';
import { type InfectedHost, wantedOf } from '../../shared/infected-hosts/host.ts';
import { dueOperations, forgottenAt, formerOf, newestOperations } from '../../shared/infected-hosts/operations.ts';
import { ipAddress } from '../../shared/identity/address.ts';

const ip = ipAddress('192.0.2.60');
const start = Date.UTC(2026, 0, 1);

const listed = (told: Partial<Listed> = {}): Listed => ({
  kind: 'listed',
  feed: 'atp-cloud',
  level: 7,
  threatName: null,
  wanted: 'quarantined',
  cause: 'poll-1',
  heldBy: null,
  ...told,
});
const assigned = (connector: string | null, why: 'listed' | 'cleared' = 'listed') =>
  ({ kind: 'assigned', connector, cause: 'poll-1', why }) as const;
const answer = (operation: string, outcome: 'acknowledged' | 'refused' | 'failed'): HostEvent => ({
  kind: 'operation-answered',
  id: operation,
  answer: { outcome, detail: 'said so', roundTripMs: 12 },
});

/** One event after another, a second apart; ids of operations count up. */
function after(...events: readonly HostEvent[]) {
  let host: InfectedHost | undefined;
  const outcomes: string[] = [];
  let made = 0;
  const feed = (event: HostEvent, now: number) => {
    const advanced = advance(host, event, { ip, now, newId: () => `op-${String((made += 1))}` });
    host = advanced.host;
    outcomes.push(advanced.outcome);
  };
  events.forEach((event, at) => {
    feed(event, start + at * 1_000);
  });
  const told =
    host?.operations.map(({ id, connector, wanted, state }) => `${id} ${connector} ${wanted} ${state}`) ?? [];
  return { host, outcomes, told, wanted: host ? wantedOf(host) : undefined };
}

const take = (id: string, leaseMs = 60_000): HostEvent => ({ kind: 'operation-taken', id, leaseMs });
const acknowledged = [take('op-1'), answer('op-1', 'acknowledged')] as const;

describe('an infected host', () => {
  it('acts once when a feed lists it, and a repeat changes nothing', () => {
    const once = after(listed(), assigned('pps'));
    const twice = after(listed(), assigned('pps'), listed(), assigned('pps'));
    expect(once.told).toEqual(['op-1 pps quarantined requested']);
    expect(twice.host).toEqual(once.host);
    expect(twice.outcomes).toEqual(['appeared', 'assigned', 'repeated', 'unchanged']);
  });

  it('acts again when its level rises past another rule, and not when it falls', () => {
    const { told, outcomes, host } = after(
      listed(),
      assigned('pps'),
      ...acknowledged,
      listed({ level: 10, wanted: 'blocked' }),
      assigned('pps'),
      listed({ level: 2, wanted: 'free' }),
      assigned('pps'),
    );
    expect(told).toEqual(['op-2 pps blocked requested', 'op-1 pps quarantined acknowledged']);
    expect(outcomes.slice(4)).toEqual(['rose', 'assigned', 'repeated', 'unchanged']);
    expect(host?.listings['atp-cloud']?.level).toBe(10);
  });

  it('keeps what it has while a guard holds back more, and gets more when an operator approves', () => {
    const more = [listed(), listed({ level: 10, wanted: 'blocked', heldBy: 'blast-radius' })] as const;
    expect(after(...more)).toMatchObject({ outcomes: ['appeared', 'held'], wanted: 'quarantined' });
    expect(after(...more, { kind: 'released', feed: 'atp-cloud' }).wanted).toBe('blocked');
    expect(after(...more, { kind: 'dropped', feed: 'atp-cloud' }).wanted).toBe('free');
  });

  it('means whoever had the address when it appeared, or rose, and not when that was approved', () => {
    const release = { kind: 'released', feed: 'atp-cloud' } as const;
    const held = listed({ heldBy: 'blast-radius' });
    expect(after(held, held, release).host?.accused).toEqual({ at: start, mac: null });
    const rises = listed({ wanted: 'blocked', cause: 'poll-2', heldBy: 'blast-radius' });
    expect(after(held, rises, release).host?.accused?.at).toBe(start + 1_000);
    expect(after(listed(), rises, release).host?.accused?.at).toBe(start);
  });

  it('does nothing while it is held back, and nothing ever where an operator rejects', () => {
    const held = [listed({ heldBy: 'shared-address' }), assigned('pps')] as const;
    expect(after(...held)).toMatchObject({ told: [], wanted: 'free', outcomes: ['held', 'unchanged'] });
    const dropped = after(...held, { kind: 'dropped', feed: 'atp-cloud' }, listed({ level: 9, wanted: 'blocked' }));
    expect(dropped).toMatchObject({ wanted: 'free', outcomes: ['held', 'unchanged', 'dropped', 'silenced'] });
  });

  it.each<HostEvent>([
    { kind: 'cleared' },
    { kind: 'investigated', investigation: 'resolved-fixed' },
    { kind: 'undone', cause: 'poll-1' },
  ])('that is let go by $kind stays free until it has left the feed and returned', (event) => {
    const letGo = [listed(), assigned('pps'), ...acknowledged, event, assigned('pps', 'cleared'), listed()] as const;
    expect(after(...letGo)).toMatchObject({ wanted: 'free', told: ['op-2 pps free requested', 'op-1 pps quarantined acknowledged'] }); // prettier-ignore
    const back = after(...letGo, { kind: 'freed', feed: 'atp-cloud' }, listed({ cause: 'poll-9' }));
    expect(back).toMatchObject({ wanted: 'quarantined', host: { investigation: 'open' } });
  });

  it('is not cleared by a state of investigation that resolves nothing', () => {
    const { wanted, host } = after(listed(), { kind: 'investigated', investigation: 'in-progress' });
    expect(wanted).toBe('quarantined');
    expect(host?.investigation).toBe('in-progress');
  });

  it('stays as one feed wants it when another lets it go', () => {
    const both = [listed({ wanted: 'blocked' }), listed({ feed: 'api' })] as const;
    expect(after(...both, { kind: 'freed', feed: 'atp-cloud' }).wanted).toBe('quarantined');
    expect(after(...both, { kind: 'freed', feed: 'api' }).wanted).toBe('blocked');
  });

  it('is kept for a day more when nobody lists it and its connector has said that it is free', () => {
    const freed = [listed(), assigned('pps'), ...acknowledged, { kind: 'freed', feed: 'atp-cloud' }] as const;
    expect(after(...freed).host).toBeDefined();
    const told = [...freed, assigned('pps', 'cleared'), take('op-2')] as const;
    expect(after(...told).told[0]).toBe('op-2 pps free sent');
    const over = after(...told, answer('op-2', 'acknowledged'));
    expect(over.told).toEqual(['op-2 pps free acknowledged', 'op-1 pps quarantined acknowledged']);
    expect(over.host && forgottenAt(over.host)).toBe(start + 7_000 + 24 * 3_600_000);
    expect(over.host?.accused).toBeNull();
  });

  it('is not forgotten while its connector refuses to let it go', () => {
    const refused = after(listed(), assigned('pps'), ...acknowledged, { kind: 'freed', feed: 'atp-cloud' }, assigned('pps', 'cleared'), take('op-2'), answer('op-2', 'refused')); // prettier-ignore
    expect(refused.host && forgottenAt(refused.host)).toBeUndefined();
    expect(refused.told[0]).toBe('op-2 pps free refused');
  });

  it('is forgotten at once where no connector was told anything', () => {
    expect(after(listed({ wanted: 'free' }), { kind: 'freed', feed: 'atp-cloud' }).host).toBeUndefined();
    expect(after(listed(), assigned(null), { kind: 'freed', feed: 'atp-cloud' }).host).toBeUndefined();
  });

  it('that another connector has now is told to that one, and let go by the former', () => {
    const { told, host } = after(listed(), assigned('pps'), ...acknowledged, assigned('ise'));
    expect(told.sort()).toEqual(['op-1 pps quarantined acknowledged', 'op-2 pps free requested', 'op-3 ise quarantined requested']); // prettier-ignore
    expect(host?.operations.map(({ why }) => why)).toEqual(['listed', 'moved', 'listed']);
  });
});

describe('an operation', () => {
  it('that nobody has taken is superseded without a word where the wish is taken back', () => {
    const { told } = after(listed(), assigned('pps'), { kind: 'cleared' }, assigned('pps', 'cleared'));
    expect(told).toEqual(['op-1 pps quarantined superseded']);
  });

  it('that may have reached the connector is followed by another, and an answer to it changes only itself', () => {
    const overtaken = [
      listed(),
      assigned('pps'),
      take('op-1'),
      { kind: 'cleared' },
      assigned('pps', 'cleared'),
    ] as const;
    expect(after(...overtaken, take('op-2')).outcomes.at(-1)).toBe('not-due');
    expect(after(...overtaken, answer('op-1', 'failed'), take('op-2')).outcomes.at(-1)).toBe('taken');
    const { told, host } = after(...overtaken, answer('op-1', 'acknowledged'));
    expect(told).toEqual(['op-2 pps free requested', 'op-1 pps quarantined superseded']);
    expect(host?.operations[1]).toMatchObject({ detail: 'said so', answeredAt: start + 5_000 });
    expect(host?.operations.map((each) => formerOf(host, each))).toEqual(['quarantined', 'free']);
  });

  it('is taken by one worker at a time, and by another when the first has let its time pass', () => {
    const first = [listed(), assigned('pps'), take('op-1', 1_500)] as const;
    expect(after(...first, take('op-1')).outcomes.at(-1)).toBe('not-due');
    expect(after(...first, take('op-1'), take('op-1')).host?.operations[0]).toMatchObject({ attempts: 2 }); // prettier-ignore
  });

  it('that failed is sent again, after 5 seconds and twice as long each time, at most 5 minutes, without end', () => {
    let host = after(listed(), assigned('pps')).host;
    const waits: number[] = [];
    for (let now = start + 10_000, attempt = 0; attempt < 9; attempt += 1) {
      for (const event of [take('op-1'), answer('op-1', 'failed')]) {
        host = advance(host, event, { ip, now, newId: String }).host;
      }
      const nextAt = host?.operations[0]?.nextAt ?? 0;
      waits.push((nextAt - now) / 1_000);
      now = nextAt;
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('that the other side refused is not repeated by itself, and the next wish is told', () => {
    const refused = [listed(), assigned('pps'), take('op-1'), answer('op-1', 'refused')] as const;
    expect(after(...refused, take('op-1'), assigned('pps')).outcomes.slice(-2)).toEqual(['not-due', 'unchanged']);
    expect(after(...refused, listed({ wanted: 'blocked' }), assigned('pps')).told[0]).toBe('op-2 pps blocked requested'); // prettier-ignore
  });

  it('that frees a device comes before one that holds another, which was accused earlier', () => {
    const held = [listed({ feed: 'api', heldBy: 'blast-radius' }), listed(), assigned('pps'), take('op-1'), answer('op-1', 'acknowledged')] as const; // prettier-ignore
    const freed = [{ kind: 'freed', feed: 'atp-cloud' }, assigned('pps', 'cleared')] as const;
    const { host } = after(...held, ...freed, { kind: 'released', feed: 'api' }, assigned('pps'));
    expect(host?.accused?.at).toBe(start);
    expect(dueOperations(host ?? { operations: [] }, start + 60_000)).toMatchObject([{ wanted: 'free', device: { at: start + 1_000 } }]); // prettier-ignore
  });

  it('to a connector that is there no more ends, and so does the host when nobody lists it', () => {
    const gone = (id: string): HostEvent => ({ kind: 'operation-ended', id, detail: 'There is no such connector.' });
    const freed = [listed(), assigned('pps'), ...acknowledged, { kind: 'freed', feed: 'atp-cloud' }, assigned(null, 'cleared')] as const; // prettier-ignore
    expect(after(...freed).told[0]).toBe('op-2 pps free requested');
    const { host, told } = after(...freed, gone('op-2'));
    expect(told[0]).toBe('op-2 pps free abandoned');
    expect(host && forgottenAt(host)).toBeDefined();
  });

  it('that was superseded before it was sent hides none that was: a refused release is asked again', () => {
    const back = [assigned('ise'), take('op-2'), answer('op-2', 'refused'), assigned('pps'), assigned('ise')] as const;
    const { host } = after(listed(), assigned('pps'), ...acknowledged, ...back);
    const newest = newestOperations(host ?? { operations: [] }).filter(({ connector }) => connector === 'pps');
    expect(newest.map(({ id, wanted, state }) => `${id} ${wanted} ${state}`)).toEqual(['op-2 free refused']);
  });

  it('is made again where the other side was found otherwise, unless one is on its way', () => {
    const drift: HostEvent = { kind: 'drifted', id: 'op-1', cause: 'check-1' };
    expect(after(listed(), assigned('pps'), drift).outcomes.at(-1)).toBe('unchanged');
    const { told, host } = after(listed(), assigned('pps'), ...acknowledged, drift, drift);
    expect(told).toEqual(['op-2 pps quarantined requested', 'op-1 pps quarantined acknowledged']);
    expect(host?.operations[0]?.why).toBe('drift');
  });

  it('is one of sixteen that are remembered, of which those that say what a connector was told are never forgotten', () => {
    let host = after(listed(), assigned('ise'), ...acknowledged).host;
    let made = 1;
    for (let turn = 0, now = start + 60_000; turn < 40; turn += 1, now += 60_000) {
      const newId = () => `op-${String((made += 1))}`;
      const { operations } = advance(host, assigned(turn % 2 === 0 ? 'pps' : 'uac'), { ip, now, newId }).host ?? {};
      host = host && operations && { ...host, operations };
      const newest = operations?.filter(({ state }) => state === 'requested') ?? [];
      for (const { id, connector } of newest.filter((each) => each.connector !== 'ise')) {
        expect(connector).not.toBe('ise');
        for (const event of [take(id), answer(id, 'acknowledged')]) host = advance(host, event, { ip, now, newId }).host; // prettier-ignore
      }
    }
    expect(host?.operations).toHaveLength(16);
    expect(host?.operations.some(({ connector }) => connector === 'ise')).toBe(true);
  });
});
