import { advanceEndpoint, type EndpointTable } from '../../shared/endpoints/endpoint-table.ts';
import { aClear, aHold, anEndpoint, laptop } from '../support/endpoints.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { acme, globex } from '../support/observations.ts';

/** Somebody else is quicker, so many times. */
function overtaken(times: number): EndpointTable {
  const table = fakeEndpointTable();
  let left = times;
  const { endpoints } = table;
  return {
    ...table,
    endpoints: {
      ...endpoints,
      async replace(tenant, endpoint, read) {
        if (left-- > 0) {
          const [there] = await endpoints.read(tenant, [endpoint.mac]);
          await endpoints.replace(tenant, { ...(there?.endpoint ?? anEndpoint()), firstSeenAt: left }, there);
        }
        return endpoints.replace(tenant, endpoint, read);
      },
    },
  };
}

test('whoever is overtaken reads again, and what the quicker one wrote stays', async () => {
  const table = overtaken(3);
  const advanced = await advanceEndpoint(table, acme, laptop, aHold());
  const [stored] = await table.endpoints.read(acme, [laptop]);

  expect(advanced).toMatchObject({ outcome: 'applied', before: { firstSeenAt: 0 } });
  expect(stored?.endpoint).toMatchObject({ firstSeenAt: 0, reasons: [{ hold: 'blocked' }] });
  expect(await table.endpoints.read(globex, [laptop])).toEqual([undefined]);
});

test('whoever is overtaken again and again is told to repeat it', async () => {
  expect(await codeOfAsync(advanceEndpoint(overtaken(99), acme, laptop, aHold()))).toBe('busy');
});

test('what changes nothing is not written', async () => {
  const table = fakeEndpointTable();
  await advanceEndpoint(table, acme, laptop, aHold());
  const [before] = await table.endpoints.read(acme, [laptop]);
  const again = await advanceEndpoint(table, acme, laptop, aHold());

  expect(again).toMatchObject({ outcome: 'repeated' });
  expect(await table.endpoints.read(acme, [laptop])).toEqual([before]);
  expect((await advanceEndpoint(table, acme, laptop, aClear({ hold: 'quarantined' })))?.outcome).toBe(
    'nothing-to-clear',
  );
  expect(await table.endpoints.read(acme, [laptop])).toEqual([before]);
});

test('a rule sees what is there at each try, and may find that there is nothing to do', async () => {
  const seen: (number | undefined)[] = [];
  const table = overtaken(2);
  await advanceEndpoint(table, acme, laptop, (read) => {
    seen.push(read?.firstSeenAt);
    return aHold();
  });

  expect(seen).toEqual([undefined, 1, 0]);
  expect(await advanceEndpoint(table, acme, laptop, () => undefined)).toBeUndefined();
});
