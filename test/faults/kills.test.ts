/** Workers that end in the middle of a post, and the compare-and-set without which all of this would go wrong. */
import { contest, withoutConditions } from './contest.ts';
import { passed } from './fault-proxy.ts';
import { startUnderFaults, type UnderFaults } from './harness.ts';
import { killRun } from './kill-run.ts';

let service: UnderFaults;
beforeAll(async () => {
  service = await startUnderFaults(3);
}, 600_000); // beside others, the start alone has taken longer than tests have by default
afterAll(async () => (service as UnderFaults | undefined)?.stop());

test('a hundred workers that are ended in the middle of posts leave no wrong state, as senders repeat', async () => {
  const { killed, repeated, wrong } = await killRun(service, 1, 100);

  expect({ killed, wrong }).toEqual({ killed: 100, wrong: [] });
  expect(repeated).toBeGreaterThan(50); // most of the killed were at work on a post, and its sender was told
}, 600_000);

const single = { writers: 6, posts: 8, entries: 1 };
const many = { writers: 5, posts: 2, entries: 12 };

describe('of writers who tell of the same addresses at once', () => {
  test.each([
    { number: 220, ...single },
    { number: 221, ...many },
  ])('the newest stands: $entries entries a post', async (told) => {
    expect(await contest(service, { ...told, writes: passed })).toEqual([]);
  });

  test.each([
    { number: 222, ...single },
    { number: 223, ...many },
  ])(
    'an older one stands once conditions are taken from writes, and this harness sees it: $entries entries a post',
    async (told) => {
      // prettier-ignore
      const wrong = await contest(service, { ...told, writes: withoutConditions });

      expect(wrong.map(({ kind }) => kind)).toContain('stale');
    },
  );
});
