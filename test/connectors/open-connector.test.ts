import type { OpenConnector } from '../../shared/connectors/enforcer.ts';
import { openConnector } from '../../shared/connectors/open-connector.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { aConnector } from '../support/connectors.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const now = () => noon;

async function formerOf(opened: OpenConnector | undefined) {
  const former: string[] = [];
  for await (const secret of opened?.formerSecrets() ?? []) former.push(secret);
  return former;
}

test('a connector is opened with its secret, and with those that it replaced and that may still stand in for it', async () => {
  const secrets = fakeSecrets();
  const purpose = { tenant: acme, name: 'connector/pps-1' };
  const former = { reference: await secrets.keep(purpose, 'old'), untilAt: noon + minutes(5) };
  const connector = aConnector({ name: 'PPS-1', password: await secrets.keep(purpose, 'new', former) });

  const opened = await openConnector({ secrets, now }, acme, connector);
  const later = await openConnector({ secrets, now: () => noon + minutes(5) }, acme, connector);

  expect(opened).toMatchObject({ name: 'PPS-1', password: 'new' });
  expect(await formerOf(opened)).toEqual(['old']);
  expect(await formerOf(later)).toEqual([]);
});

test('one without a secret, or whose secret is forgotten or another tenant’s, is not opened', async () => {
  const secrets = fakeSecrets();
  const password = await secrets.keep({ tenant: globex, name: 'connector/pps-1' }, 's3cret');

  expect(await openConnector({ secrets, now }, acme, aConnector())).toBeUndefined();
  expect(await openConnector({ secrets, now }, acme, aConnector({ password }))).toBeUndefined();
  expect(
    await openConnector({ secrets, now }, acme, aConnector({ password: 'gone' as SecretReference })),
  ).toBeUndefined();
});
