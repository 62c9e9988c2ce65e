import { formerSecrets, type OpenedSecret } from '../../shared/outbound/secrets.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { acme, globex, noon } from '../support/observations.ts';

const purpose = { tenant: acme, name: 'clearpass' };

/** One kept after another, each in the place of the one before, and the last of them opened. */
async function rotated(...texts: readonly string[]) {
  const secrets = fakeSecrets();
  let reference = await secrets.keep(purpose, texts[0] ?? '');
  for (const text of texts.slice(1)) reference = await secrets.keep(purpose, text, { reference, untilAt: noon });
  const secret = await secrets.open(purpose, reference);
  if (secret === undefined) throw new Error('It was just kept.');
  return { secrets, secret };
}

async function formerOf(
  { secrets, secret }: { secrets: ReturnType<typeof fakeSecrets>; secret: OpenedSecret },
  at = noon - 1,
) {
  // prettier-ignore
  const found: string[] = [];
  for await (const text of formerSecrets(secrets, purpose, secret, () => at)) found.push(text);
  return found;
}

test('a secret that replaced none has none that stands in for it', async () => {
  expect(await formerOf(await rotated('only'))).toEqual([]);
});

test('the one that was replaced stands in until its time is over, and not a moment longer', async () => {
  const kept = await rotated('old', 'new');

  expect([await formerOf(kept), await formerOf(kept, noon)]).toEqual([['old'], []]);
});

test('the same secret sent again does not push out the one before it, and nothing older than two stands in', async () => {
  expect(await formerOf(await rotated('old', 'new', 'new'))).toEqual(['old']);
  expect(await formerOf(await rotated('oldest', 'older', 'old', 'new'))).toEqual(['old', 'older']);
});

test('one that has been erased stands in for nothing, and no tenant opens another one’s', async () => {
  const { secrets, secret } = await rotated('old', 'new');
  if (secret.former === undefined) throw new Error('It replaced one.');
  const other = formerSecrets(secrets, { ...purpose, tenant: globex }, secret, () => noon - 1);

  expect((await other.next()).done).toBe(true);
  await secrets.forget(acme, secret.former.reference);
  expect(await formerOf({ secrets, secret })).toEqual([]);
});
