/** What happens goes out on the bus, for whoever listens there. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { BusEvent } from '../../infra/local/event-bus.ts';
import { type AtpCloud, startAtpCloud } from '../simulators/atp-cloud.ts';
import { sentConnectors } from '../support/connectors.ts';
import { minutes } from '../support/observations.ts';
import { allNeed } from './needs.ts';
import { type Service, startService } from './service.ts';
import { aSite } from './site.ts';

/** The rule of the page, for each tenant: `{"source": [...], "detail": {"tenant": [...]}}`. */
const page = readFileSync(new URL('../../docs/events-out.md', import.meta.url), 'utf8');
const [, pattern = ''] = /--event-pattern '(\{[^']+\})'/.exec(page) ?? [];
interface Pattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail: { readonly tenant: readonly string[] };
}

type Tenant = 'acme' | 'globex';
/** What it is called on the bus, and its code. */
type Words = readonly [string, string];

allNeed(
  'bus',
  'clock',
  'schedules',
)('on one machine', () => {
  let service: Service;
  let cloud: AtpCloud;
  let sites: Readonly<Record<Tenant, ReturnType<typeof aSite>>>;
  /** What a function has logged as not on the bus: it waits little for it, and then leaves it alone for a while. */
  const unpublished = new Set<string>();
  const log = (line: string) => {
    if (line.includes('"event-not-published"')) unpublished.add((JSON.parse(line) as { event: string }).event);
  };
  beforeAll(async () => {
    [service, cloud] = await Promise.all([
      startService(undefined, log),
      startAtpCloud({ tokens: ['the token of acme'] }),
    ]);
    sites = { acme: aSite(service, 'acme'), globex: aSite(service, 'globex') };
    for (const site of Object.values(sites)) expect((await site.setUp()).status).toBe(200);
  });
  afterAll(async () => Promise.all([service.stop(), cloud.stop()]));

  /** What a rule of a tenant's hears, as the page writes it. */
  async function heard(tenant: string) {
    const rule = JSON.parse(pattern.replace('acme', tenant)) as Pattern;
    const events = (await (await fetch(service.runtime.endpoints.events)).json()) as BusEvent[];
    const fits = (event: BusEvent) =>
      rule.source.includes(event.source) &&
      rule['detail-type'].includes(event['detail-type']) &&
      rule.detail.tenant.includes((event.detail as { tenant: string }).tenant);
    // Each once: what a busy machine takes late is put there again.
    return [...new Map(events.filter(fits).map((event) => [idOf(event), event])).values()];
  }
  const idOf = ({ detail }: BusEvent) => (detail as { id: string }).id;
  /** These, but for those that a busy machine did not take in time. */
  async function published(expected: readonly Words[], tenant: Tenant, events: readonly BusEvent[]) {
    const { items } = (await sites[tenant].operator('GET /v1/events?limit=1000')).body;
    const lines = items as readonly { id: string; code: string }[];
    const there = new Set(events.map(idOf));
    const lost = lines.filter(({ id }) => unpublished.has(id) && !there.has(id)).map(({ code }) => code);
    return expected.filter(([, code]) => {
      const at = lost.indexOf(code);
      if (at >= 0) lost.splice(at, 1);
      return at < 0;
    });
  }
  const words = (events: readonly BusEvent[]) =>
    events.map((event): Words => [event['detail-type'], (event.detail as { code: string }).code]);

  test('a quarantine, its clear and a hold that time ends are heard by their own tenant, and by no other', async () => {
    const { acme, globex } = sites;
    const laptop = acme.device('00:11:22:33:ca:01', 'alice');
    const twin = globex.device(laptop.mac, 'bob');
    await laptop.joins('desk', { ip: '10.1.0.1' });
    await twin.joins('desk', { ip: '10.1.0.1' });

    await acme.threat('quarantine-endpoint', '10.1.0.1', { severity: 'high', threatName: 'W32', eventId: 'out-1' });
    await acme.threat('clear-quarantine-endpoint', '10.1.0.1');
    await twin.act('block', { minutes: 5 });
    service.runtime.advanceClock(minutes(6));
    await service.runtime.tick('EveryMinute');

    const [ours, theirs] = [await heard('acme'), await heard('globex')];
    expect(words(ours)).toEqual(await published([['Hold Applied', 'quarantined'], ['Hold Cleared', 'cleared']], 'acme', ours)); // prettier-ignore
    expect(words(theirs)).toEqual(await published([['Hold Applied', 'applied'], ['Hold Released', 'released-by-time']], 'globex', theirs)); // prettier-ignore
    const applied = ours.filter((event) => event['detail-type'] === 'Hold Applied');
    const told = { version: '1.0', tenant: 'acme', mac: laptop.mac, threatName: 'W32', eventId: 'out-1' };
    expect(applied).toMatchObject(applied.map(() => ({ source: 'postern', detail: told })));
  });

  test('what a poll of a feed has a connector do, and that the feed fails, is heard by its own tenant alone', async () => {
    const atpCloud = { enabled: true, ...cloud.server, connectMethod: 'http', token: 'the token of acme', pollMinutes: 5 }; // prettier-ignore
    const guards = { mostActions: 0 };
    const nobody = { ...sentConnectors.ise, address: '127.0.0.1', port: 1, subnets: ['192.0.2.0/24'] };
    expect((await sites.acme.setUp({ connectors: [nobody], feeds: { atpCloud }, guards })).status).toBe(200);
    const of = async (tenant: string) =>
      (await heard(tenant)).filter((event) => ['Hold Requested', 'Feed Changed'].includes(event['detail-type']));
    /** The next poll is due; what follows from it is waited for. */
    const heardAfterPoll = async (expected: readonly Words[]) => {
      service.runtime.advanceClock(minutes(5));
      for (;;) {
        const events = await of('acme');
        const meant = await published(expected, 'acme', events);
        if (events.length >= meant.length) return expect(words(events)).toEqual(meant);
        await service.runtime.tick('EveryMinute');
        await wait(50);
      }
    };
    const listed = Array<Words>(25).fill(['Hold Requested', 'listed']);

    cloud.list(Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`192.0.2.${index + 1}`, 8])));
    await heardAfterPoll(listed);
    cloud.answerWith('{"data": {"count": 1');
    await heardAfterPoll([...listed, ['Feed Changed', 'feed-fails']]);

    expect(await of('globex')).toEqual([]);
  });

  test('an event is the line that the event log shows, with its tenant and its version', async () => {
    const details = (await heard('acme')).map(({ detail }) => detail as { id: string });
    const { body } = await sites.acme.operator('GET /v1/events?limit=1000');
    const { items } = body as { items: { id: string }[] };

    const lines = items.map((line) => ({ version: '1.0', tenant: 'acme', ...line }));
    expect(details.length).toBeGreaterThan(0);
    expect(details).toEqual(details.map(({ id }) => lines.find((line) => line.id === id)));
  });
});
