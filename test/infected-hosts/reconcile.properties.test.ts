/**
 * Any sequence of polls, operators' acts, moves of addresses and deliveries, in whatever order, ends with exactly the
 * holds that the rules give. The rules are written down here a second time, as plainly as can be: a history of what each
 * feed said, who let whom go and who approved what, without operations, leases or stored state.
 */
import fc from 'fast-check';
import { actOnHost, type HostAct } from '../../shared/infected-hosts/act-on-host.ts';
import { wantedAt } from '../../shared/infected-hosts/feed-rules.ts';
import { type HeldLoss, lossAfter } from '../../shared/infected-hosts/feed.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import { type HeldBy, isMore, type Wanted, wantedOf } from '../../shared/infected-hosts/host.ts';
import { dueOperations, forgottenAt } from '../../shared/infected-hosts/operations.ts';
import { reconcile } from '../../shared/infected-hosts/reconcile.ts';
import type { FeedRule } from '../../shared/configuration/threat-response.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { byOperator, byPoll, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const feed = 'atp-cloud' as const;
const rules: readonly FeedRule[] = [
  { minLevel: 4, event: 'quarantine-endpoint' },
  { minLevel: 8, event: 'block-endpoint' },
];
const addresses = Array.from({ length: 14 }, (_, at) => `192.0.2.${String(at + 1)}` as IpAddress);

type Step =
  | { readonly kind: 'poll'; readonly list: readonly (readonly [IpAddress, number])[] }
  /** An operator's word on the loss that is held. */
  | { readonly kind: 'decision'; readonly word: 'approved' | 'rejected' }
  /** Nothing comes of it. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'push'; readonly ip: IpAddress; readonly level: number }
  | { readonly kind: 'operator'; readonly ip: IpAddress; readonly act: 'cleared' | 'released' | 'dropped' | 'resolved' }
  /** Of one of the polls and pushes so far. */
  | { readonly kind: 'undo'; readonly which: number }
  | { readonly kind: 'guard'; readonly ip: IpAddress; readonly heldBy: HeldBy | null }
  | { readonly kind: 'moves'; readonly ip: IpAddress; readonly to: string | null }
  /** A worker takes what is due of this host, and its answer comes, or never. */
  | { readonly kind: 'deliver'; readonly ip: IpAddress; readonly answer: 'acknowledged' | 'failed' | 'lost' };

interface Timed {
  readonly step: Step;
  readonly afterMs: number;
}

const ip = fc.constantFrom(...addresses.slice(0, 4));
const levelOrGone = fc.constantFrom(0, 0, 1, 5, 9);
/** Of the others mostly all or none are there, so that many are lost at once now and then. */
const list = fc.record({ few: fc.array(levelOrGone, { minLength: 4, maxLength: 4 }), rest: fc.constantFrom(0, 5, 5) }).map(({ few, rest }) =>
  addresses.flatMap((each, at) => {
    const said = few[at] ?? rest;
    return said === 0 ? [] : [[each, said] as const];
  }),
); // prettier-ignore
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('poll' as const), list }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('decision' as const), word: fc.constantFrom('approved' as const, 'rejected' as const) }) }, // prettier-ignore
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'failed' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'repeat' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('push' as const), ip, level: fc.constantFrom(0, 1, 5, 9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('operator' as const), ip, act: fc.constantFrom('cleared' as const, 'released' as const, 'dropped' as const, 'resolved' as const) }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), which: fc.nat({ max: 999 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('guard' as const), ip, heldBy: fc.constantFrom(null, 'blast-radius' as const) }) }, // prettier-ignore
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('moves' as const), ip, to: fc.constantFrom(null, 'pps', 'ise') }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), ip, answer: fc.constantFrom('acknowledged' as const, 'failed' as const, 'lost' as const) }) }, // prettier-ignore
);
const steps = fc.array(fc.record({ step, afterMs: fc.constantFrom(1_000, minutes(2), minutes(5)) }), { minLength: 1, maxLength: 40, size: 'max' }); // prettier-ignore

/** What one feed says of one address, by the rules of the feed as they are told to people. */
interface Said {
  /** The most that was called for since it appeared. */
  called: Wanted;
  /** What called for it, each time for more; what waits does nothing until it is approved. */
  words: { readonly cause: string; readonly called: Wanted; waits: boolean }[];
  /** Nothing more is done. */
  isLetGo: boolean;
  goneSince: number | null;
  /** By a poll that nobody has believed. */
  isLost: boolean;
  since: number;
}

/** The obvious model. */
class Model {
  readonly said = new Map<string, Said>();
  readonly holding = new Map<IpAddress, HeldBy | null>();
  /** The loss that is in doubt, and what an operator said to it. */
  held: { since: number; lost: number; word: 'approved' | 'rejected' | null } | null = null;

  lists(of: string, address: IpAddress, at: number, { cause, now }: { readonly cause: string; readonly now: number }) {
    const key = `${of} ${address}`;
    const called = wantedAt(rules, at);
    const known = this.said.get(key);
    const waits = (this.holding.get(address) ?? null) !== null;
    if (known === undefined) {
      const words = [{ cause, called, waits: waits && called !== 'free' }];
      this.said.set(key, { called, words, isLetGo: false, goneSince: null, isLost: false, since: now });
      return;
    }
    [known.goneSince, known.isLost] = [null, false];
    if (known.isLetGo || !isMore(called, known.called)) return;
    known.called = called;
    known.words.push({ cause, called, waits });
  }

  polls(now: number, told: ReadonlyMap<IpAddress, number>, cause: string) {
    const all = addresses.flatMap((address) => {
      const known = this.said.get(`${feed} ${address}`);
      return known ? [{ address, known, isGone: !told.has(address) }] : [];
    });
    const there = all.filter(({ known }) => known.goneSince === null && !known.isLost);
    const lostBefore = all.filter(({ known, isGone }) => known.isLost && isGone);
    // Whoever came after the loss counts neither for it nor against it.
    const concerned = [
      ...lostBefore,
      ...there.filter(({ known }) => this.held === null || known.since < this.held.since),
    ];
    const isMost = (of: typeof all) => of.length > 10 && of.filter(({ isGone }) => isGone).length > of.length / 2;
    const doubted = (isMost(there) ? there : isMost(concerned) ? concerned : []).filter(({ isGone, known }) => isGone && !known.isLost); // prettier-ignore
    for (const [address, at] of told) this.lists(feed, address, at, { cause, now });

    const lost = lostBefore.length + doubted.length;
    if (lost > 0 && (this.held === null || lost > this.held.lost)) this.held = { since: this.held?.since ?? now, lost, word: null }; // prettier-ignore
    const word = lost === 0 ? 'approved' : (this.held?.word ?? null);
    if (word === 'approved') this.held = null;
    else for (const { known } of doubted) known.isLost = true;
    if (word === null) return;
    for (const { address, known } of all.filter(({ isGone }) => isGone)) {
      if (known.isLost && word === 'rejected') continue;
      known.isLost = false;
      if (known.goneSince === null) known.goneSince = now;
      else if (now - known.goneSince >= minutes(5)) this.said.delete(`${feed} ${address}`);
    }
  }

  letsGo(key: string) {
    const known = this.said.get(key);
    if (known) [known.isLetGo, known.words] = [true, []];
  }

  approves(key: string) {
    const last = this.said.get(key)?.words.at(-1);
    if (last) last.waits = false;
  }

  undoes(cause: string) {
    for (const known of this.said.values()) {
      if (known.words.at(-1)?.cause === cause) known.isLetGo = true;
      known.words = known.words.filter((each) => each.cause !== cause);
      // Of what waited before, nobody waits any more once something later was taken back.
      if (known.isLetGo) known.words = known.words.filter(({ waits }) => !waits);
    }
  }

  wanted(address: IpAddress): Wanted {
    const all = [feed, 'api'].map((of) => this.said.get(`${of} ${address}`)?.words.findLast(({ waits }) => !waits)?.called ?? 'free'); // prettier-ignore
    return all.includes('blocked') ? 'blocked' : all.includes('quarantined') ? 'quarantined' : 'free';
  }
}

/** The real thing: what is stored, the connectors behind it, and what they have done. */
function theService() {
  const clock = { now: noon };
  const fakes = fakeActsOnHosts({ now: () => clock.now });
  const { deps, connectors, holding } = fakes;
  /** What each connector has, as it would be if every answer that was lost was one that came too late. */
  const has = new Map<string, Wanted>();
  let held: HeldLoss | null = null;
  const causes: string[] = [];
  let last: (() => Promise<void>) | undefined;

  const hosts = async (tenant = acme) => (await deps.hosts.list(tenant, { limit: 99 })).hosts.map(({ host }) => host);
  async function poll(told: ReadonlyMap<IpAddress, number>, id: string, at: number) {
    const connectorOf = (each: IpAddress) => connectors.get(each) ?? null;
    const { happened, loss } = reconcile(await hosts(), { id, feed, at, list: told }, { rules, connectorOf, held, doubt: 'too-many' }); // prettier-ignore
    for (const each of happened) await actOnHost(deps, acme, each.ip, each.event, byPoll(id));
    held = loss === null || loss.isApproved ? null : lossAfter(held, loss, { pollId: id, startedAt: at });
  }
  async function deliver(address: IpAddress, answer: 'acknowledged' | 'failed' | 'lost') {
    const stored = await deps.hosts.read(acme, address);
    const [due] = stored ? dueOperations(stored.host, clock.now) : [];
    if (due === undefined) return;
    await advanceHost(deps, acme, address, { kind: 'operation-taken', id: due.id, leaseMs: 30_000 });
    if (answer !== 'failed') has.set(`${due.connector} ${address}`, due.wanted);
    if (answer === 'lost') return;
    const told = { outcome: answer, detail: '', roundTripMs: 1 };
    await advanceHost(deps, acme, address, { kind: 'operation-answered', id: due.id, answer: told });
  }
  return {
    ...fakes, causes, clock, has, hosts, deliver, holding,
    async play(one: Step) {
      if (one.kind === 'poll') {
        const [told, id, at] = [new Map(one.list), `poll-${String(causes.length)}`, clock.now];
        causes.push(id);
        last = async () => poll(told, id, at);
        await last();
      } else if (one.kind === 'undo') {
        const cause = causes[one.which % causes.length];
        if (cause !== undefined) for (const each of await hosts()) await actOnHost(deps, acme, each.ip, { kind: 'undone', cause }, byOperator()); // prettier-ignore
      } else if (one.kind === 'decision') {
        // One that was approved stays so; one that was rejected may be approved after all.
        if (held !== null && held.approvedAt === null) held = { ...held, approvedAt: null, rejectedAt: null, [`${one.word}At`]: clock.now }; // prettier-ignore
      } else if (one.kind === 'operator') {
        const acts: Record<typeof one.act, HostAct> = {
          cleared: { kind: 'cleared' },
          resolved: { kind: 'investigated', investigation: 'resolved-fixed' },
          released: { kind: 'released', feed },
          dropped: { kind: 'dropped', feed },
        };
        await actOnHost(deps, acme, one.ip, acts[one.act], byOperator());
      } else if (one.kind === 'push') {
        const cause = `push-${String(causes.length)}`;
        causes.push(cause);
        const act: HostAct = one.level === 0 ? { kind: 'freed', feed: 'api' } : { kind: 'listed', feed: 'api', level: one.level, threatName: null, wanted: wantedAt(rules, one.level), cause, heldBy: null }; // prettier-ignore
        await actOnHost(deps, acme, one.ip, act, byPoll(cause));
      } else if (one.kind === 'deliver') await deliver(one.ip, one.answer);
    },
    /** The last poll once more, as it was. */
    again: async () => last?.(),
  };
} // prettier-ignore

function follow(
  model: Model,
  one: Step,
  { now, causes }: { readonly now: number; readonly causes: readonly string[] },
) {
  const cause = causes.at(-1) ?? '';
  if (one.kind === 'poll') model.polls(now, new Map(one.list), cause);
  else if (one.kind === 'undo') model.undoes(causes[one.which % causes.length] ?? '');
  else if (one.kind === 'decision') {
    if (model.held && model.held.word !== 'approved') model.held.word = one.word;
  } else if (one.kind === 'push' && one.level > 0) model.lists('api', one.ip, one.level, { cause, now });
  else if (one.kind === 'push') model.said.delete(`api ${one.ip}`);
  else if (one.kind === 'operator' && one.act === 'released') model.approves(`${feed} ${one.ip}`);
  else if (one.kind === 'operator' && one.act === 'dropped') model.letsGo(`${feed} ${one.ip}`);
  else if (one.kind === 'operator') for (const name of [feed, 'api']) model.letsGo(`${name} ${one.ip}`);
}

async function played(timed: readonly Timed[]) {
  const service = theService();
  const model = new Model();
  for (const { step: one, afterMs } of timed) {
    service.clock.now += afterMs;
    if (one.kind === 'guard') {
      model.holding.set(one.ip, one.heldBy);
      if (one.heldBy === null) service.holding.delete(one.ip);
      else service.holding.set(one.ip, one.heldBy);
    } else if (one.kind === 'moves') {
      if (one.to === null) service.connectors.delete(one.ip);
      else service.connectors.set(one.ip, one.to);
    } else if (one.kind !== 'repeat') {
      await service.play(one);
      follow(model, one, { now: service.clock.now, causes: service.causes });
    }
  }
  return { service, model };
}

const always = async (law: (timed: readonly Timed[]) => Promise<void>, numRuns = 150) =>
  fc.assert(fc.asyncProperty(steps, law), { numRuns });

test('what is wanted of every host is exactly what the rules give, after any sequence of events', async () => {
  await always(async (timed) => {
    const { service, model } = await played(timed);
    const wanted = new Map((await service.hosts()).map((host) => [host.ip, wantedOf(host)]));
    for (const each of addresses) expect([each, wanted.get(each) ?? 'free']).toEqual([each, model.wanted(each)]);
    expect(await service.hosts(globex)).toEqual([]);
  });
});

test('when all is delivered, each connector has exactly the hosts that are its own and are wanted, and nobody else', async () => {
  await always(async (timed) => {
    const { service, model } = await played(timed);
    // Whoever moved since is seen to by the next poll; here nothing but that is new.
    service.holding.clear();
    for (const each of addresses) await actOnHost(service.deps, acme, each, { kind: 'moved' }, byPoll('last'));
    for (let round = 0; round < 4; round += 1) {
      service.clock.now += minutes(6);
      for (const each of [...addresses, ...addresses]) await service.deliver(each, 'acknowledged'); // of each connector
    }
    for (const each of addresses) {
      for (const connector of ['pps', 'ise']) {
        const expected = service.connectors.get(each) === connector ? model.wanted(each) : 'free';
        expect([connector, each, service.has.get(`${connector} ${each}`) ?? 'free']).toEqual([connector, each, expected]); // prettier-ignore
      }
    }
    const left = (await service.hosts()).filter((host) => Object.keys(host.listings).length === 0 && forgottenAt(host) === undefined); // prettier-ignore
    expect(left).toEqual([]);
  });
});

test('the same poll once more changes nothing: no host, no operation, no line', async () => {
  await always(async (timed) => {
    const polls = timed.map(({ step: { kind } }) => kind).lastIndexOf('poll');
    const { service } = await played(timed.slice(0, polls + 1));
    const [before, lines] = [await service.hosts(), service.lines.length];
    await service.again();
    expect(await service.hosts()).toEqual(before);
    expect(service.lines).toHaveLength(lines);
  });
});
