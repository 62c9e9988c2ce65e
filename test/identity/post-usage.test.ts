import {
  bytesPerUnit,
  type CountPosts,
  postUsage,
  type Used,
  type UsageStore,
} from '../../shared/identity/post-usage.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { type Limits, limitsWith, type OwnLimits } from '../../shared/tenancy/limits.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import { fakeUsageStore } from '../support/fake-usage-store.ts';
import { minutes, noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];

let now: number;
let usage: UsageStore & { adds: number };
let limits: Map<TenantId, Limits>;
let there: Map<TenantId, number>;
let countings: TenantId[];
let uncounted: unknown[];
beforeEach(() => {
  now = noon;
  const store = fakeUsageStore();
  usage = {
    ...store,
    adds: 0,
    async add(tenant, post) {
      this.adds += 1;
      return store.add(tenant, post);
    },
  };
  limits = new Map<TenantId, Limits>();
  there = new Map<TenantId, number>();
  [countings, uncounted] = [[], []];
});

const allow = (tenant: TenantId, own: OwnLimits) => limits.set(tenant, limitsWith(own));

interface Environment {
  /** What becomes of a post that makes so many new entries, or of fewer where there is no room. */
  readonly post: (tenant: TenantId, size?: { readonly bytes?: number; readonly entries?: number }) => Promise<number>;
}

/** One environment of the function. */
const environment = (more: Partial<CountPosts> = {}): Environment => {
  const posts = postUsage({
    usage,
    limitsOf: async (tenant) => Promise.resolve(limits.get(tenant) ?? limitsWith()),
    async countEntries(tenant) {
      countings.push(tenant);
      return Promise.resolve(there.get(tenant) ?? 0);
    },
    now: () => now,
    uncounted: (_, error) => uncounted.push(error),
    ...more,
  });
  return {
    post: async (tenant, { bytes = 500, entries = 0 } = {}) => {
      await posts.look(tenant);
      const room = await posts.count(tenant, bytes);
      for (let entry = 0; entry < entries; entry += 1) room.take();
      await posts.note(tenant, room);
      there.set(tenant, (there.get(tenant) ?? 0) + room.taken());
      return room.taken();
    },
  };
};

const environmentOf = (all: readonly Environment[], index: number) => {
  const one = all[index % all.length];
  if (one === undefined) throw new Error('There is no environment.');
  return one;
};

const code = async (post: Promise<unknown>) =>
  post.then(
    () => 'taken',
    (error: unknown) => (error instanceof ServiceError ? error.code : error),
  );

test('a tenant posts as often as it may in a minute, over all environments, and the others go on', async () => {
  allow(t1, { postsPerMinute: 5 });
  const environments = [environment(), environment(), environment()];

  const outcomes = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => code(environmentOf(environments, index).post(t1))),
  );

  expect(outcomes.filter((each) => each === 'taken')).toHaveLength(5);
  expect(outcomes.filter((each) => each === 'tenant-limit')).toHaveLength(25);
  for (const each of environments) expect(await code(each.post(t10))).toBe('taken');
});

test('who is refused is told when the minute is over, and is taken then', async () => {
  allow(t1, { postsPerMinute: 1 });
  const { post } = environment();
  await post(t1);

  now = noon + 45_001;
  await expect(post(t1)).rejects.toMatchObject({ code: 'tenant-limit', details: { retryAfterSeconds: 15 } });
  now = noon + minutes(1) - 1;
  await expect(post(t1)).rejects.toMatchObject({ details: { retryAfterSeconds: 1 } });
  now = noon + minutes(1);
  expect(await code(post(t1))).toBe('taken');
});

test('a flood costs an environment one write and no more until the minute is over', async () => {
  allow(t1, { postsPerMinute: 3 });
  const { post } = environment();

  for (let index = 0; index < 50; index += 1) await code(post(t1));

  expect(usage.adds).toBe(3);
});

test('a large post counts as several', async () => {
  allow(t1, { postsPerMinute: 10 });
  const { post } = environment();

  expect(await code(post(t1, { bytes: 8 * bytesPerUnit }))).toBe('taken');
  expect(await code(post(t1, { bytes: bytesPerUnit + 1 }))).toBe('taken');
  expect(await code(post(t1, { bytes: 1 }))).toBe('tenant-limit');
});

test('small posts never keep a large one out of a minute that is not full, and it may end over the limit', async () => {
  allow(t1, { postsPerMinute: 10 });
  const { post } = environment();
  await post(t1);

  expect(await code(post(t1, { bytes: 2_097_152 }))).toBe('taken');
  expect(await code(post(t1))).toBe('tenant-limit');
  expect(await code(post(t10, { bytes: 2_097_152 }))).toBe('taken');
});

test('a limit that is raised holds at once, and so does one that is lowered', async () => {
  allow(t1, { postsPerMinute: 1 });
  const { post } = environment();
  await post(t1);
  expect(await code(post(t1))).toBe('tenant-limit');

  allow(t1, { postsPerMinute: 2 });
  expect(await code(post(t1))).toBe('taken');
  allow(t1, { postsPerMinute: 1 });
  expect(await code(post(t1))).toBe('tenant-limit');
});

describe('new entries', () => {
  test('are made while there is room for them, by all environments together, and not beyond', async () => {
    allow(t1, { entries: 100 });
    const environments = [environment(), environment()];

    for (let index = 0; index < 10; index += 1) await environmentOf(environments, index).post(t1, { entries: 20 });

    expect(there.get(t1)).toBe(100);
    expect(await environmentOf(environments, 0).post(t10, { entries: 200 })).toBe(200);
  });

  test('of single posts that are told late are never more than a few too many', async () => {
    allow(t1, { entries: 50 });
    const environments = Array.from({ length: 4 }, () => environment());

    for (let index = 0; index < 400; index += 1) await environmentOf(environments, index).post(t1, { entries: 1 });

    expect(there.get(t1)).toBeGreaterThanOrEqual(50);
    expect(there.get(t1)).toBeLessThanOrEqual(50 + 4);
  });

  test('are counted before a tenant is refused for what has ended since', async () => {
    allow(t1, { entries: 100 });
    const { post } = environment();
    await post(t1, { entries: 100 });
    there.set(t1, 30); // the others have ended
    now = noon + minutes(1);

    expect(await post(t1, { entries: 90 })).toBe(70);
    expect(countings).toEqual([t1, t1]); // once at first, and once as it was full
  });

  test('are counted once a minute at most, by one environment alone', async () => {
    allow(t1, { entries: 10 });
    const environments = [environment(), environment(), environment()];
    await environmentOf(environments, 0).post(t1, { entries: 10 });
    now = noon + minutes(1);

    await Promise.all(environments.map(async ({ post }) => post(t1)));
    for (const { post } of environments) expect(await post(t1, { entries: 5 })).toBe(0);

    expect(countings).toEqual([t1, t1]);
  });

  test('are counted anew once a day, for what others than posts have made', async () => {
    allow(t1, { entries: 100 });
    const { post } = environment();
    await post(t1, { entries: 1 });
    there.set(t1, 99);
    now = noon + minutes(24 * 60);

    expect(await post(t1, { entries: 5 })).toBe(1);
  });
});

describe('where nothing can be counted', () => {
  const down = async (): Promise<never> => Promise.reject(new Error('The table does not answer.'));

  test('posts are taken all the same, with all that is in them, and it is told', async () => {
    allow(t1, { postsPerMinute: 1, entries: 1 });
    const { post } = environment({ usage: { add: down, insert: down, claim: down, settle: down } });

    expect([await post(t1, { entries: 30 }), await post(t1, { entries: 30 })]).toEqual([30, 30]);
    expect(uncounted.length).toBeGreaterThanOrEqual(2);
  });

  test('what was inserted meanwhile is told with the next post that can be counted', async () => {
    const told: Used[] = [];
    let isDown = false;
    const add: UsageStore['add'] = async (tenant, each) => {
      if (isDown) return down();
      const added = await usage.add(tenant, each);
      told.push(added.used);
      return added;
    };
    const { post } = environment({ usage: { ...usage, add } });
    await post(t1, { entries: 3 });
    isDown = true;
    await post(t1, { entries: 2 });
    isDown = false;
    await post(t1);

    expect(told.at(-1)?.inserted).toBe(5);
  });

  test('entries that cannot be counted are held to what is known of them, and are not counted again for minutes', async () => {
    allow(t1, { entries: 10 });
    const countEntries = async (tenant: TenantId) => {
      countings.push(tenant);
      return now < noon + minutes(4) ? down() : Promise.resolve(there.get(tenant) ?? 0);
    };
    const environments = [environment({ countEntries }), environment({ countEntries })];

    expect(await environmentOf(environments, 0).post(t1, { entries: 7 })).toBe(7);
    expect(await environmentOf(environments, 1).post(t10, { entries: 7 })).toBe(7);
    expect(await environmentOf(environments, 0).post(t1, { entries: 7 })).toBe(3);
    now = noon + minutes(2) - 1;
    for (const { post } of environments) expect(await post(t1, { entries: 7 })).toBe(0);
    expect(countings).toEqual([t1, t10]);
    expect(uncounted).toHaveLength(2);

    now = noon + minutes(2);
    expect(await environmentOf(environments, 1).post(t1, { entries: 7 })).toBe(0);
    expect(countings).toEqual([t1, t10, t1]);
    there.set(t1, 4); // the others have ended
    now = noon + minutes(4);
    expect(await environmentOf(environments, 0).post(t1, { entries: 7 })).toBe(6);
  });
});
