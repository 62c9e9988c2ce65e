import { closeQuestion, openQuestion, openQuestions } from '../../shared/user-query/questions.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

test('a tenant has so many open questions and no more, until some of them are settled', async () => {
  const questions = fakeQuestionStore();
  const open = async (tenant = acme) => openQuestion({ questions, most: 3 }, tenant, noon);
  expect([await open(), await open(), await open(), await open()]).toEqual([
    'opened',
    'opened',
    'opened',
    'too-many-queries',
  ]);
  expect(await open(globex)).toBe('opened');

  await closeQuestion(questions, acme, noon + minutes(1));

  expect(await openQuestions(questions, acme, noon + minutes(1))).toBe(2);
  expect(await open()).toBe('opened');
});

test('what is settled makes room for as much', async () => {
  const full = { ...fakeQuestionStore(), since: async () => Promise.resolve({ asked: 2_500, settled: 500 }) };
  const almost = { ...full, since: async () => Promise.resolve({ asked: 2_500, settled: 501 }) };

  expect(await openQuestion({ questions: full, most: 2_000 }, acme, noon)).toBe('too-many-queries');
  expect(await openQuestion({ questions: almost, most: 2_000 }, acme, noon)).toBe('opened');
});

test('a question that was never settled counts for sixteen minutes', async () => {
  const questions = fakeQuestionStore();
  await openQuestion({ questions, most: 2_000 }, acme, noon);

  expect(await openQuestions(questions, acme, noon + minutes(15) + 59_999)).toBe(1);
  expect(await openQuestions(questions, acme, noon + minutes(16))).toBe(0);
});

test('what is settled after its asking has passed out of sight makes no room beyond the bound', async () => {
  const questions = fakeQuestionStore();
  await openQuestion({ questions, most: 2_000 }, acme, noon);
  await closeQuestion(questions, acme, noon + minutes(16));

  expect(await openQuestions(questions, acme, noon + minutes(16))).toBe(0);
});
