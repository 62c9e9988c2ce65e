import type { AnyOperation } from '../../shared/connectors/any-operation.ts';
import { operationView } from '../../shared/connectors/any-operation.ts';
import { findOperations, isPosition, type OperationFilter, type OperationPosition } from '../../shared/connectors/find-operations.ts'; // prettier-ignore
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aHold, aLogin, aRecord, laptop } from '../support/endpoints.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { fakeHostTable } from '../support/fake-host-store.ts';
import { isListed } from '../support/hosts.ts';
import { acme, globex, noon } from '../support/observations.ts';

/** Three hosts, one of them with two operations, and two endpoints with a change each. */
async function aNetwork() {
  let at = noon;
  const [table, endpointTable] = [fakeHostTable({ now: () => at }), fakeEndpointTable()];
  const deps = { hosts: table.hosts, endpoints: endpointTable.endpoints, now: () => at };
  const list = async (ip: string, cause: string, wanted: 'quarantined' | 'blocked', tenant = acme) => {
    at += 1_000;
    const events = [
      isListed({ wanted, cause }),
      { kind: 'assigned', connector: 'pps-1', cause, why: 'listed' },
    ] as const;
    return advanceHost(table, tenant, ipAddress(ip), events);
  };
  const answer = async (ip: string, outcome: 'acknowledged' | 'failed' | 'refused') =>
    advanceHost(table, acme, ipAddress(ip), (host) => {
      const id = host?.operations[0]?.id ?? '';
      const said = { outcome, detail: 'So it said.', roundTripMs: 7 };
      return [
        { kind: 'operation-taken', id, leaseMs: 9_000 },
        { kind: 'operation-answered', id, answer: said },
      ];
    });
  await list('10.1.0.1', 'poll-1', 'quarantined');
  await answer('10.1.0.1', 'acknowledged');
  await list('10.1.0.1', 'poll-2', 'blocked');
  await list('10.1.0.2', 'poll-2', 'quarantined');
  await answer('10.1.0.2', 'failed');
  await list('10.1.0.3', 'poll-2', 'quarantined');
  await answer('10.1.0.3', 'refused');
  await list('10.1.0.4', 'poll-9', 'quarantined', globex);
  for (const mac of [laptop, macAddress('00:11:22:33:ca:ff')]) {
    await advanceEndpoint(endpointTable, acme, mac, { kind: 'authenticated', login: aLogin() });
    await advanceEndpoint(endpointTable, acme, mac, { kind: 'accounted', record: aRecord({ ip: ipAddress('10.1.0.2') }) }); // prettier-ignore
    await advanceEndpoint(endpointTable, acme, mac, aHold());
  }
  const find = async (filter: OperationFilter = {}, { tenant = acme, limit = 100 }: { tenant?: TenantId; limit?: number } = {}) =>
    findOperations(deps, tenant, filter, { limit, untilAt: Infinity }); // prettier-ignore
  return { deps, find, list };
}

const told = (operations: readonly AnyOperation[]) =>
  operations.map(({ kind, ip, mac, state, wanted }) => [kind === 'connector' ? ip : mac, state, wanted]);

const all = [
  ['10.1.0.1', 'requested', 'blocked'],
  ['10.1.0.1', 'acknowledged', 'quarantined'],
  ['10.1.0.2', 'failed', 'quarantined'],
  ['10.1.0.3', 'refused', 'quarantined'],
  ['00:11:22:33:ca:fe', 'requested', 'blocked'],
  ['00:11:22:33:ca:ff', 'requested', 'blocked'],
];

test('what connectors and what switches are told is one list, with the same states; of other tenants nothing', async () => {
  const { find } = await aNetwork();

  expect(told((await find()).operations)).toEqual(all);
  expect(told((await find({}, { tenant: globex })).operations)).toEqual([['10.1.0.4', 'requested', 'quarantined']]);
});

test.each([1, 2, 3, 4, 5, 6, 7])('pages of %d tell each once, also where a host is in two of them', async (limit) => {
  const { deps } = await aNetwork();
  const found: AnyOperation[] = [];
  let after: OperationPosition | undefined;
  do {
    const page = await findOperations(deps, acme, {}, { limit, untilAt: Infinity, ...(after && { after }) });
    expect(page.operations.length).toBeLessThanOrEqual(limit);
    found.push(...page.operations);
    after = page.next;
    expect(after === undefined || isPosition(JSON.parse(JSON.stringify(after)))).toBe(true);
  } while (after);

  expect(told(found)).toEqual(all);
});

test('what is made between two pages hides and repeats nothing', async () => {
  const { deps, list } = await aNetwork();
  const first = await findOperations(deps, acme, {}, { limit: 1, untilAt: Infinity });
  await list('10.1.0.0', 'poll-3', 'blocked');

  const after = first.next;
  const rest = await findOperations(deps, acme, {}, { limit: 100, untilAt: Infinity, ...(after && { after }) });

  expect(told([...first.operations, ...rest.operations])).toEqual(all);
});

test('a search that has no time left says where it goes on', async () => {
  const { deps } = await aNetwork();
  const one = { ...deps, hosts: { ...deps.hosts, list: async (tenant: TenantId, page: object) => deps.hosts.list(tenant, { ...page, limit: 1 }) } }; // prettier-ignore
  const found: AnyOperation[] = [];
  let after: OperationPosition | undefined;
  let pages = 0;
  do {
    const page = await findOperations(one, acme, {}, { limit: 100, untilAt: 0, ...(after && { after }) });
    found.push(...page.operations);
    after = page.next;
    pages += 1;
  } while (after);

  expect(told(found)).toEqual(all);
  expect(pages).toBe(3);
});

test.each<[string, OperationFilter, readonly unknown[]]>([
  ['a kind', { kind: 'change-of-authorization' }, all.slice(4)],
  ['a state', { state: 'failed' }, [all[2]]],
  ['a connector', { connector: 'pps-1' }, all.slice(0, 4)],
  ['a connector that there is not', { connector: 'pps-2' }, []],
  ['a MAC, with what is told of its address', { mac: laptop }, [all[2], all[4]]],
  ['an address, with whoever may have it', { ip: ipAddress('10.1.0.2') }, [all[2], all[4], all[5]]],
])('%s is asked for', async (_, filter, expected) => {
  const { find } = await aNetwork();

  expect(told((await find(filter)).operations)).toEqual(expected);
});

test('an id is found whichever kind it is of', async () => {
  const { find } = await aNetwork();
  const { operations } = await find();

  for (const operation of operations) expect((await find({ id: operation.id, kind: operation.kind })).operations).toEqual([operation]); // prettier-ignore
});

test('what failed or was refused says why, and how to mend it', async () => {
  const { find } = await aNetwork();
  const [failed] = (await find({ state: 'failed' })).operations;
  const [refused] = (await find({ state: 'refused' })).operations;

  expect(failed && operationView(failed)).toMatchObject({
    detail: 'So it said.',
    mend: expect.stringContaining('sent again by itself') as string,
    nextAt: expect.stringMatching(/Z$/) as string,
    roundTripMs: 7,
    why: 'listed',
    cause: 'poll-2',
  });
  expect(refused).toMatchObject({
    mend: expect.stringContaining('told again when the next check') as string,
    nextAt: null,
  });
});
