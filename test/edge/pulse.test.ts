import { problemOf } from '../../shared/edge/problems.ts';
import { problemPulse } from '../../shared/edge/pulse.ts';
import { closed, readDocument, text } from '../../shared/json-schema.ts';
import { type ErrorCode, ServiceError } from '../../shared/service-error.ts';

const answered = (error: ServiceError) => {
  const { status, headers, body } = problemPulse(problemOf(error, 'request-1'));
  return { status, headers, body: JSON.parse(body) as unknown };
};

test('an error stands in the envelope, with its code', () => {
  expect(answered(new ServiceError('json-invalid', 'The body is not JSON.'))).toEqual({
    status: 400,
    headers: { 'Content-Type': 'application/json' },
    body: { result: { warnings: [{ message: 'The body is not JSON.' }] }, code: 'json-invalid' },
  });
});

test('everything that is wrong with a document is a warning of its own', () => {
  const wrong = () => readDocument(closed({ realm: text(1, 64) }), { relam: 'Users' }, 'body-invalid');

  try {
    wrong();
  } catch (error) {
    const { status, body } = answered(error as ServiceError);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'body-invalid',
      result: {
        warnings: [
          { message: expect.stringContaining('2 things are wrong') as string },
          { message: expect.stringMatching(/^\/relam: Nothing is known by this name\./) as string },
          { message: expect.stringMatching(/^\/realm: Something has to stand here\./) as string },
        ],
      },
    });
  }
  expect(wrong).toThrow('2 things are wrong');
});

test.each<[ErrorCode, number]>([
  ['role-refused', 403],
  ['client-refused', 403],
  ['endpoint-absent', 404],
  ['parameter-invalid', 422],
  ['address-invalid', 422],
  ['mac-invalid', 422],
  ['internal-error', 503],
  ['busy', 503],
])('%s is answered with %d', (code, status) => {
  expect(answered(new ServiceError(code, 'Why.')).status).toBe(status);
});

test('who is to come back is told when', () => {
  expect(answered(new ServiceError('busy', 'Why.')).headers).toMatchObject({ 'Retry-After': '5' });
});
