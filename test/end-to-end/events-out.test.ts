/** What happens goes out on the bus, for whoever listens there. */
import { readFileSync } from 'node:fs';
import type { BusEvent } from '../../infra/local/event-bus.ts';
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
  let sites: Readonly<Record<'acme' | 'globex', ReturnType<typeof aSite>>>;
  beforeAll(async () => {
    service = await startService();
    sites = { acme: aSite(service, 'acme'), globex: aSite(service, 'globex') };
    for (const site of Object.values(sites)) expect((await site.setUp()).status).toBe(200);
  });
  afterAll(async () => service.stop());

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

  test('an event is the line that the event log shows, with its tenant and its version', async () => {
    const { body } = await sites.acme.operator('GET /v1/events');
    const { items } = body as { items: { id: string }[] };

    const details = (await heard('acme')).map(({ detail }) => detail as { id: string });
    const lines = items.map((line) => ({ version: '1.0', tenant: 'acme', ...line }));
    expect(details.length).toBeGreaterThan(0);
    expect(details).toEqual(details.map(({ id }) => lines.find((line) => line.id === id)));
  });
});
