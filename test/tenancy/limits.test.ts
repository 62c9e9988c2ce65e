import { changedLimits, defaultLimits, limitNames, limitsWith, mostOfLimits } from '../../shared/tenancy/limits.ts';

test('a tenant has what was set, and the defaults of what was not', () => {
  expect(limitsWith()).toEqual(defaultLimits);
  expect(limitsWith().openQuestions).toBe(2_000);
  expect(limitsWith({ entries: 5 })).toEqual({ ...defaultLimits, entries: 5 });
});

test('no default is more than can be set', () => {
  for (const name of limitNames) expect(defaultLimits[name]).toBeLessThanOrEqual(mostOfLimits[name]);
});

test('what is left out of a change stays, null takes it back, and nothing set is nothing kept', () => {
  const own = { entries: 5, openQuestions: 6 };

  expect(changedLimits(own, { postsPerMinute: 7 })).toEqual({ postsPerMinute: 7, entries: 5, openQuestions: 6 });
  expect(changedLimits(own, { entries: null })).toEqual({ openQuestions: 6 });
  expect(changedLimits(own, { entries: null, openQuestions: null })).toBeUndefined();
  expect(changedLimits(undefined, {})).toBeUndefined();
});
