import { randomBytes } from 'node:crypto';
import type { Dependencies } from '../../functions/pull-forwarding-table/dependencies.ts';
import { doors } from '../../functions/pull-forwarding-table/handler.ts';
import { defaults } from '../../shared/configuration/configuration.ts';
import { forwardingSettings } from '../../shared/decisions/forwarding-settings.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { type AuthenticationTable, changeOne, type Revision } from '../../shared/identity/authentication-table.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { closedSessions } from '../../shared/sessions/find-sessions.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeSessionStore } from '../support/fake-session-store.ts';
import { acme, aLogoff, aLogon, desk, globex, instant, noon, told } from '../support/observations.ts';
import { aRequest } from '../support/requests.ts';
import { aSession, firewall } from '../support/sessions.ts';

let now: number;
let table: AuthenticationTable;
let sessions: ReturnType<typeof fakeSessionStore>;
let deps: Dependencies;
beforeEach(() => {
  now = noon;
  sessions = fakeSessionStore();
  const newRevision = () => randomBytes(8).toString('hex') as Revision;
  table = { entries: fakeEntryStore(), now: () => now, newRevision };
  const settings = { ...forwardingSettings(defaults), readingAt: plainReading(defaults) };
  const finding = { table, sessions, readingOf: async () => Promise.resolve(settings.readingAt) };
  deps = {
    ...table,
    settingsOf: async () => Promise.resolve(settings),
    closedSessions: async (tenant, asked) => closedSessions(finding, tenant, asked),
  };
});

async function pull(since?: unknown, { tenant = acme, credentialId = firewall } = {}) {
  const query = new Map(since === undefined ? [] : [['since', [since as string]]]);
  const request = aRequest({
    route: 'GET /v1/forwarding-table',
    role: 'enforcement-point',
    tenant,
    credentialId,
    query,
  });
  return JSON.parse((await doors['GET /v1/forwarding-table'](deps, request)).body) as Record<string, unknown>;
}

test('sessions that end with their entry are told to whoever opened them, and to nobody else', async () => {
  await changeOne(table, acme, { key: { ip: desk, slot: 'userid' }, events: [told(aLogon())] });
  await sessions.open(acme, aSession({ id: '4711' }));
  await sessions.open(acme, aSession({ id: '9', credentialId: 'credential-2' }));
  const first = await pull();
  const theirs = await pull(undefined, { tenant: globex });
  now += 1_000;

  await changeOne(table, acme, { key: { ip: desk, slot: 'userid' }, events: [told(aLogoff({ instant: instant(1) }))] });
  const second = await pull(first.cursor);

  expect(first).toMatchObject({ full: true, sessionsClosed: [] });
  expect(second).toMatchObject({
    removed: [desk],
    sessionsClosed: [{ sessionId: '4711', ip: desk, user: 'alice', reason: 'logged-off', closedAt: new Date(now).toISOString() }], // prettier-ignore
  });
  expect(await pull(first.cursor, { credentialId: 'credential-2' })).toMatchObject({ sessionsClosed: [{ sessionId: '9' }] }); // prettier-ignore
  expect(await pull(theirs.cursor, { tenant: globex })).toMatchObject({ rows: [], removed: [], sessionsClosed: [] });
});

test('sessions go on while their user does, and end with another user, at however many addresses at once', async () => {
  const ips = Array.from({ length: 250 }, (_, index) => `10.0.0.${index}` as IpAddress);
  for (const ip of ips) {
    await changeOne(table, acme, { key: { ip, slot: 'userid' }, events: [told(aLogon({ ip }))] });
    await sessions.open(acme, aSession({ id: `s-${ip}`, ip }));
  }
  const { cursor } = await pull();
  now += 1_000;

  for (const [index, ip] of ips.entries()) {
    const user = index % 2 === 0 ? 'alice' : 'bob';
    await changeOne(table, acme, { key: { ip, slot: 'userid' }, events: [told(aLogon({ ip, user, instant: instant(1) }))] }); // prettier-ignore
  }
  const { rows, sessionsClosed } = await pull(cursor);

  expect(rows).toHaveLength(250);
  expect(sessionsClosed).toHaveLength(125);
  expect(new Set((sessionsClosed as { reason: string }[]).map(({ reason }) => reason))).toEqual(
    new Set(['user-changed']),
  );
});
