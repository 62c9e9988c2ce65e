/** Endpoints through the running service: an operator's acts, and why an endpoint is held or not. */
import { minutes } from '../support/observations.ts';
import { aThreatResponse } from '../support/threat-response.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  for (const tenant of ['acme', 'globex'] as const) {
    const { status } = await api('PUT /v1/configuration', { threatResponse: aThreatResponse }, { tenant });
    expect(status).toBe(200);
  }
});
afterAll(async () => service.stop());

type Body = Record<string, unknown>;
interface Told {
  readonly tenant?: 'acme' | 'globex';
  readonly key?: string;
}

const api = async (request: `${string} /${string}`, body?: Body, { tenant = 'acme', key }: Told = {}) =>
  call(service.url, request, service.authorizations[tenant].operator, body && JSON.stringify(body), {
    ...(key !== undefined && { 'Idempotency-Key': key }),
  });

const laptop = '00:11:22:33:ca:fe';

test('an operator blocks what nobody has seen, in whatever form the MAC is written, and frees it', async () => {
  const blocked = await api('POST /v1/endpoints/0011.2233.CAFE/block', { threatName: 'W32', note: 'ticket 7' });
  const why = (await api('GET /v1/endpoints/00-11-22-33-CA-FE/why')).body;
  const cleared = await api('POST /v1/endpoints/00112233cafe/clear', { hold: 'all' });
  const whyNot = (await api(`GET /v1/endpoints/${laptop}/why`)).body;

  expect(blocked).toMatchObject({ status: 200, body: { outcome: 'applied', endpoint: { mac: laptop, status: 'blocked', address: 'address unknown' } } }); // prettier-ignore
  expect(why).toMatchObject({ code: 'blocked', events: [{ event: 'operator-block', threatName: 'W32' }] });
  expect(cleared.body).toMatchObject({ outcome: 'cleared', endpoint: { status: 'free' } });
  expect(whyNot).toMatchObject({ code: 'cleared', events: [{ event: 'operator-clear' }, { event: 'operator-block' }] });
  expect((await api(`GET /v1/endpoints/${laptop}`, undefined, { tenant: 'globex' })).body.code).toBe('endpoint-absent');
});

test('an endpoint whose address an operator teaches is found by it, and by nobody else', async () => {
  await api('PUT /v1/endpoints/00:11:22:33:ca:01', { ip: '192.0.2.71' });

  const found = await api('GET /v1/endpoints?ip=192.0.2.71');
  const elsewhere = await api('GET /v1/endpoints?ip=192.0.2.71', undefined, { tenant: 'globex' });

  expect(found.body).toMatchObject({ items: [{ mac: '00:11:22:33:ca:01', addresses: [{ source: 'operator' }] }], next: null }); // prettier-ignore
  expect(elsewhere.body.items).toEqual([]);
});

needs('clock')('a quarantine for a time ends by itself, to the millisecond', async () => {
  const mac = '00:11:22:33:ca:02';
  const held = await api(`POST /v1/endpoints/${mac}/quarantine`, { role: 'quarantine', minutes: 30 });
  service.runtime.advanceClock(minutes(31));

  expect(held.body.endpoint).toMatchObject({ status: 'quarantined', role: 'quarantine' });
  expect((await api(`GET /v1/endpoints/${mac}`)).body.endpoint).toMatchObject({ status: 'free', reasons: [] });
  expect((await api('GET /v1/endpoints?status=held')).body.items).toEqual([]);
});

test('a block whose answer was lost is answered again, and is one line in the log', async () => {
  const mac = '00:11:22:33:ca:03';
  const act = async () => api(`POST /v1/endpoints/${mac}/block`, {}, { key: 'block-once' });
  const first = await act();
  await api(`POST /v1/endpoints/${mac}/clear`, { hold: 'all' });
  const again = await act();

  expect(again.body).toEqual(first.body);
  expect((await api(`GET /v1/endpoints/${mac}/why`)).body).toMatchObject({ code: 'cleared', events: [{}, {}] });
});

test('a role that is none of quarantine is refused with those that are', async () => {
  const { status, body } = await api(`POST /v1/endpoints/${laptop}/quarantine`, { role: 'staff' });

  expect({ status, code: body.code }).toEqual({ status: 400, code: 'body-invalid' });
  expect(body.detail).toContain('Name one of: "quarantine".');
});
