/** Laws of threat actions: whatever order they come in, however often, what they come to is the same. */
import fc from 'fast-check';
import { settlePending } from '../../shared/admission/settle.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { aClient, admissionInTime } from '../support/admission.ts';
import { aRecord, laptop, phone } from '../support/endpoints.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';

const clients = [aClient(), aClient({ name: 'second', address: '198.51.100.21' })];
const kinds = {
  quarantine: { hold: 'quarantine-endpoint', clear: 'clear-quarantine-endpoint' },
  block: { hold: 'block-endpoint', clear: 'clear-blocked-endpoint' },
} as const;

interface Sent {
  readonly client: number;
  readonly does: 'hold' | 'clear';
  /** Minutes after noon at which it occurred; each event of a client has one of its own. */
  readonly minute: number;
  readonly threat: string | null;
}

const anEvent: fc.Arbitrary<Sent> = fc.record({
  client: fc.nat({ max: clients.length - 1 }),
  does: fc.constantFrom('hold', 'clear'),
  minute: fc.integer({ min: 1, max: 40 }),
  threat: fc.constantFrom(null, 'A', 'B'),
});
const someEvents = fc.uniqueArray(anEvent, { maxLength: 8, selector: ({ client, minute }) => `${client} ${minute}` });

/** The address is the laptop's until twenty minutes after noon, and the phone's from then on. */
const movesAt = 20;
const elsewhere = '192.0.2.77' as IpAddress;

/** Of each client the newest word counts, of each device by itself. */
function expected(events: readonly Sent[], isMeant: (event: Sent) => boolean): 'held' | 'free' {
  const isHeldBy = (client: number) => {
    const newest = (does: Sent['does'], among: readonly Sent[]) =>
      Math.max(-1, ...among.filter((each) => each.client === client && each.does === does).map(({ minute }) => minute));
    return newest('hold', events.filter(isMeant)) > newest('clear', events);
  };
  return clients.some((_, client) => isHeldBy(client)) ? 'held' : 'free';
}

/** Everything in this order; `learns` says after how many events it becomes known who had the address when. */
async function played(kind: keyof typeof kinds, order: readonly Sent[], learns: number) {
  const at = admissionInTime({ clients, pendingMinutes: 60 });
  at.moveTo(noon + minutes(45));
  const record = (mac: Mac, ip: IpAddress, minute: number) => {
    const own = mac === laptop ? {} : { acctSessionId: '2', loginId: null, port: 'ge-0/0/8' };
    return at.happens(mac, { kind: 'accounted', record: aRecord({ ...own, status: minute === 0 ? 'start' : 'interim', ip, instant: noon + minutes(minute) }) }); // prettier-ignore
  };
  const learn = async () => {
    await record(laptop, desk, 0);
    await record(laptop, elsewhere, movesAt);
    await record(phone, desk, movesAt);
    for (const mac of [laptop, phone]) await settlePending(at.deps, acme, mac, desk);
  };
  let count = 0;
  for (const { client, does, minute, threat } of order) {
    if (count === learns) await learn();
    count += 1;
    const occurredAt = new Date(noon + minutes(minute)).toISOString();
    const message = { event: kinds[kind][does], endpointIp: desk, threatName: threat, occurredAt, eventId: `${does} ${minute}` }; // prettier-ignore
    await at.send(message, { address: clients[client]?.address ?? '' });
  }
  if (learns >= count) await learn();
  const isHeld = async (mac: Mac) => ((await at.access(mac)) === 'full' ? 'free' : 'held');
  return { at, laptop: await isHeld(laptop), phone: await isHeld(phone) };
}

test.each(['quarantine', 'block'] as const)(
  'events of two clients to %s and to clear, in any order and again, end as if they had come in theirs',
  async (kind) => {
    const orders = someEvents.chain((events) =>
      fc.record({
        events: fc.constant(events),
        order: fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length, maxLength: 2 * events.length }), // prettier-ignore
        learns: fc.nat({ max: 2 * events.length }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ({ events, order, learns }) => {
        const { at, ...held } = await played(kind, order, learns);

        expect(held).toEqual({
          laptop: expected(events, ({ minute }) => minute < movesAt),
          phone: expected(events, ({ minute }) => minute >= movesAt),
        });
        expect(at.lines().filter(({ id }) => !id.startsWith('settled-'))).toHaveLength(order.length);
        expect(await at.access(laptop, globex)).toBe('full');
      }),
      { numRuns: 150 },
    );
  },
);

test('of two kinds each goes its own way: a clear of one never touches the other', async () => {
  const steps = fc.array(fc.constantFrom('quarantine-endpoint', 'block-endpoint', 'clear-quarantine-endpoint', 'clear-blocked-endpoint'), { maxLength: 12 }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(steps, async (sent) => {
      const at = admissionInTime();
      await at.happens(laptop, { kind: 'accounted', record: aRecord() });
      for (const event of sent) await at.send({ event, endpointIp: desk });
      const last = (hold: (typeof sent)[number], clear: (typeof sent)[number]) =>
        sent.lastIndexOf(hold) > sent.lastIndexOf(clear);
      const isBlocked = last('block-endpoint', 'clear-blocked-endpoint');
      const isQuarantined = last('quarantine-endpoint', 'clear-quarantine-endpoint');

      expect(await at.access(laptop)).toBe(isBlocked ? 'blocked' : isQuarantined ? 'quarantined' : 'full');
    }),
    { numRuns: 100 },
  );
});
