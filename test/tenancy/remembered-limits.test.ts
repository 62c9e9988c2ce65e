import { defaultLimits, mostOfLimits, type OwnLimits } from '../../shared/tenancy/limits.ts';
import { rememberedLimits, rememberedMs, unreadMs } from '../../shared/tenancy/remembered-limits.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import { noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];

let now: number;
let own: Map<TenantId, OwnLimits>;
let reads: TenantId[];
let unread: TenantId[];
let fails: 'fails' | 'answers';
beforeEach(() => {
  [now, own, reads, unread, fails] = [noon, new Map([[t10, { entries: 5 }]]), [], [], 'answers'];
});

const remembering = () =>
  rememberedLimits({
    now: () => now,
    unread: (tenant) => unread.push(tenant),
    async read(tenant) {
      reads.push(tenant);
      if (fails === 'fails') throw new Error('The table does not answer.');
      return Promise.resolve(own.get(tenant));
    },
  });

test('each tenant’s limits are read once a minute, however many ask, and never another’s', async () => {
  const limitsOf = remembering();

  expect(await Promise.all([limitsOf(t1), limitsOf(t10), limitsOf(t1), limitsOf(t10)])).toEqual([
    defaultLimits,
    { ...defaultLimits, entries: 5 },
    defaultLimits,
    { ...defaultLimits, entries: 5 },
  ]);
  expect(reads).toEqual([t1, t10]);
});

test('a change holds when the minute is over, and not before', async () => {
  const limitsOf = remembering();
  await limitsOf(t1);
  own.set(t1, { entries: 6 });

  now = noon + rememberedMs - 1;
  expect(await limitsOf(t1)).toEqual(defaultLimits);
  now = noon + rememberedMs;
  expect(await limitsOf(t1)).toMatchObject({ entries: 6 });
});

test('where they cannot be read those hold that were known last, and without these the most that can be set', async () => {
  const limitsOf = remembering();
  await limitsOf(t10);
  [fails, now] = ['fails', noon + rememberedMs];

  expect(await limitsOf(t10)).toMatchObject({ entries: 5 });
  expect(await limitsOf(t1)).toEqual(mostOfLimits);
  expect(unread).toEqual([t10, t1]);
});

test('after they could not be read they are read again within seconds, and not with every post', async () => {
  const limitsOf = remembering();
  fails = 'fails';
  await limitsOf(t10);
  now = noon + unreadMs - 1;
  expect(await limitsOf(t10)).toEqual(mostOfLimits);
  expect(reads).toEqual([t10]);

  [fails, now] = ['answers', noon + unreadMs];
  expect(await limitsOf(t10)).toEqual({ ...defaultLimits, entries: 5 });
});
