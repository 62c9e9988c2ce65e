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

allNeed(
  'bus',
  'clock',
  'schedules',
)('on one machine', () => {
  let service: Service;
  let cloud: AtpCloud;
  let sites: Readonly<Record<'acme' | 'globex', ReturnType<typeof aSite>>>;
  beforeAll(async () => {
    [service, cloud] = await Promise.all([startService(), startAtpCloud({ tokens: ['the token of acme'] })]);
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
    return events.filter(fits);
  }
  const words = (events: readonly BusEvent[]) =>
    events.map((event) => [event['detail-type'], (event.detail as { code: string }).code]);

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

    const ours = await heard('acme');
    expect(words(ours)).toEqual([
      ['Hold Applied', 'quarantined'],
      ['Hold Cleared', 'cleared'],
    ]);
    expect(words(await heard('globex'))).toEqual([
      ['Hold Applied', 'applied'],
      ['Hold Released', 'released-by-time'],
    ]);
    expect(ours[0]).toMatchObject({
      source: 'postern',
      detail: { version: '1.0', tenant: 'acme', mac: laptop.mac, threatName: 'W32', eventId: 'out-1' },
    });
  });

  test('what a poll of a feed has a connector do, and that the feed fails, is heard by its own tenant alone', async () => {
    const atpCloud = { enabled: true, ...cloud.server, connectMethod: 'http', token: 'the token of acme', pollMinutes: 5 }; // prettier-ignore
    const guards = { mostActions: 0 };
    const nobody = { ...sentConnectors.ise, address: '127.0.0.1', port: 1, subnets: ['192.0.2.0/24'] };
    expect((await sites.acme.setUp({ connectors: [nobody], feeds: { atpCloud }, guards })).status).toBe(200);
    const of = async (tenant: string) =>
      words(await heard(tenant)).filter(([type = '']) => ['Hold Requested', 'Feed Changed'].includes(type));
    /** The next poll is due; what follows from it is waited for. */
    const heardAfterPoll = async (count: number) => {
      service.runtime.advanceClock(minutes(5));
      while ((await of('acme')).length < count) {
        await service.runtime.tick('EveryMinute');
        await wait(50);
      }
    };

    cloud.list(Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`192.0.2.${index + 1}`, 8])));
    await heardAfterPoll(25);
    cloud.answerWith('{"data": {"count": 1');
    await heardAfterPoll(26);

    expect(await of('acme')).toEqual([...Array<unknown>(25).fill(['Hold Requested', 'listed']), ['Feed Changed', 'feed-fails']]); // prettier-ignore
    expect(await of('globex')).toEqual([]);
  });

  test('an event is the line that the event log shows, with its tenant and its version', async () => {
    const { body } = await sites.acme.operator('GET /v1/events?limit=1000');
    const { items } = body as { items: { id: string }[] };

    const details = (await heard('acme')).map(({ detail }) => detail as { id: string });
    const lines = items.map((line) => ({ version: '1.0', tenant: 'acme', ...line }));
    expect(details.length).toBeGreaterThan(0);
    expect(details).toEqual(details.map(({ id }) => lines.find((line) => line.id === id)));
  });
});
