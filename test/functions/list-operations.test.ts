import { hostDoors } from '../support/host-doors.ts';
import { desk } from '../support/observations.ts';

const list = 'GET /v1/operations';

async function oneOperation() {
  const doors = hostDoors();
  doors.connectors.set(desk, 'pps');
  await doors.send('POST /v1/infected-hosts', { hosts: [{ ip: desk, level: 8 }] });
  return doors;
}

test('an operator and an auditor see what was asked of which connector, and what came of it; another tenant nothing', async () => {
  const { send } = await oneOperation();

  for (const role of ['operator', 'auditor'] as const) {
    const { status, body } = await send(list, undefined, { role, query: { connector: 'pps', state: 'requested' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      items: [{ kind: 'connector', connector: 'pps', ip: desk, mac: null, state: 'requested', wanted: 'quarantined', why: 'listed', attempts: 0, sentAt: null, mend: null }], // prettier-ignore
      next: null,
    });
  }
  expect((await send(list, undefined, { tenant: 'globex' })).body).toEqual({ items: [], next: null });
  expect(await send(list, undefined, { role: 'radius' })).toMatchObject({ status: 403 });
});

test('the id that an answer named finds its operation at its address', async () => {
  const { send } = await oneOperation();

  expect((await send(list, undefined, { query: { id: 'operation-1', ip: desk } })).body.items).toMatchObject([
    { ip: desk },
  ]);
  expect((await send(list, undefined, { query: { id: 'operation-2', ip: desk } })).body.items).toEqual([]);
});

test.each([
  [{ kind: 'switch' }, 'parameter-invalid'],
  [{ state: 'done' }, 'parameter-invalid'],
  [{ id: 'operation-1' }, 'parameter-invalid'],
  [{ connector: '' }, 'parameter-invalid'],
  [{ ip: '10.0.0.0/8' }, 'address-invalid'],
  [{ mac: 'x' }, 'mac-invalid'],
  [{ host: desk }, 'parameter-unknown'],
  [{ cursor: 'x' }, 'cursor-invalid'],
  [{ limit: '0' }, 'parameter-invalid'],
])('%j is refused', async (query, code) => {
  const { send } = await oneOperation();

  expect(await send(list, undefined, { query })).toMatchObject({ status: 400, body: { code } }); // prettier-ignore
});
