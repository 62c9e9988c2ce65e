import { noFeedState } from '../../shared/infected-hosts/feed.ts';
import { heldByFeed } from '../../shared/infected-hosts/find-feeds.ts';
import { configureDoors } from '../support/configure-doors.ts';
import { fakeFeedStore } from '../support/fake-feed-store.ts';
import { acme } from '../support/observations.ts';

const documentOf = (enabled: boolean) => ({
  threatResponse: { feeds: { atpCloud: { enabled, address: 'atp.example.net', token: 'a-token-of-atp' } } },
});

test('the check of a feed that is to be switched off warns of the hosts that stay held, of its tenant alone', async () => {
  const { call, check } = configureDoors();
  const polled = fakeFeedStore();
  const counts = { listed: 20, acted: 9, unmanaged: 3, held: 2, silenced: 1, known: 20 };
  await polled.replace(acme, 'atp-cloud', { ...noFeedState, counts }, undefined);
  const warnings = async (enabled: boolean, tenant = 'acme') =>
    (await check(documentOf(enabled), { tenant }, { heldByFeed: heldByFeed(polled) })).body.warnings as { pointer: string; rule: string; message: string }[]; // prettier-ignore
  for (const tenant of ['acme', 'globex']) expect((await call('PUT', { body: documentOf(true), tenant })).status).toBe(200); // prettier-ignore

  const [warned] = (await warnings(false)).filter(({ rule }) => rule === 'hosts-stay-held');
  expect(warned?.pointer).toBe('/threatResponse/feeds/atpCloud/enabled');
  expect(warned?.message).toContain('12 hosts');
  expect((await warnings(true)).map(({ rule }) => rule)).not.toContain('hosts-stay-held');
  expect((await warnings(false, 'globex')).map(({ rule }) => rule)).not.toContain('hosts-stay-held');
});
