import type { IpAddress } from '../../shared/identity/address.ts';
import { type AuthenticationTable, changeOne, type Revision } from '../../shared/identity/authentication-table.ts';
import { deleteEntries, deleteEntry } from '../../shared/identity/delete-entries.ts';
import { tellDeletes } from '../../shared/journal/tell-deletes.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeStoryStore } from '../support/fake-story-store.ts';
import { acme, aLogon, desk, globex, noon, told } from '../support/observations.ts';
import { missed } from '../support/query-events.ts';

const operator = { tenant: acme, requestId: 'request-1', credentialId: 'credential-1', credentialName: 'night shift' };

let table: AuthenticationTable;
let stories: ReturnType<typeof fakeStoryStore>;
beforeEach(() => {
  let writes = 0;
  stories = fakeStoryStore();
  table = { entries: fakeEntryStore(), now: () => noon, newRevision: () => `revision-${(writes += 1)}` as Revision };
});

const tell = () => tellDeletes({ stories, now: () => noon }, operator);
const logon = async (ip: IpAddress, tenant = acme) =>
  changeOne(table, tenant, { key: { ip, slot: 'userid' }, events: [told(aLogon({ ip }))] });

test('who deleted whom is told to the address and to the user, of the tenant alone', async () => {
  await logon(desk);
  await logon(desk, globex);

  await deleteEntry(table, acme, { ip: desk, tell: tell() });

  expect(stories.all(globex)).toEqual([]);
  expect(stories.all(acme)).toEqual([
    {
      id: `delete-request-1-${desk}-userid`,
      at: noon,
      kind: 'delete',
      ip: desk,
      user: 'alice',
      domain: 'acme',
      code: 'deleted',
      message: 'The operator "night shift" deleted alice (acme).',
      credentialId: 'credential-1',
    },
  ]);
});

test('a mark of a query that was deleted names nobody', async () => {
  await changeOne(table, acme, { key: { ip: desk, slot: 'userid' }, events: [missed] });

  await deleteEntry(table, acme, { ip: desk, tell: tell() });

  expect(stories.all(acme)).toMatchObject([
    { message: 'The operator "night shift" deleted the init mark of a query.' },
  ]);
});

test('of a delete of hundreds the first are told one by one', async () => {
  for (let host = 0; host < 120; host += 1) await logon(`10.0.0.${host}` as IpAddress);

  const { deleted } = await deleteEntries(table, acme, { filter: { user: 'alice' }, untilAt: Infinity, tell: tell() });

  expect(deleted).toBe(120);
  expect(stories.all(acme)).toHaveLength(100);
});

test('what was not there is not told', async () => {
  await logon(desk, globex);
  await deleteEntries(table, acme, { filter: { ip: desk }, untilAt: Infinity, tell: tell() });

  expect(stories.all(acme)).toEqual([]);
});
