import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { logBatch, messagesOf } from '../../shared/threat-logs/log-message.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { noon } from '../support/observations.ts';

const batchOf = (lines: readonly Uint8Array[]) => ({ tenant: tenantId('t1'), id: 'r1-0', receivedAt: noon, lines });
const readBack = (lines: readonly Uint8Array[]) => messagesOf(batchOf(lines)).map(({ body }) => logBatch(body));

test('lines come out of a message as they went in, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1 }), (lines) => {
      const [batch, ...others] = readBack(lines);
      expect(others).toEqual([]);
      expect({ ...batch, lines: batch?.lines.map((line) => [...line]) }).toEqual({ ...batchOf(lines), lines: lines.map((line) => [...line]) }); // prettier-ignore
    }),
  );
});

test('lines that cannot be compressed go in several messages, in their order, each with an id of its own', () => {
  const lines = Array.from({ length: 40 }, () => randomBytes(20_000));

  const messages = messagesOf(batchOf(lines));

  for (const { body } of messages) expect(Buffer.byteLength(body)).toBeLessThan(256 * 1_024);
  expect(messages.length).toBeGreaterThan(1);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  expect(readBack(lines).flatMap((batch) => batch.lines.map((line) => Buffer.from(line).toString('hex')))).toEqual(lines.map((line) => line.toString('hex'))); // prettier-ignore
});

test.each(['', '{}', '{"tenant":"t1"}', '{"tenant":"../x","id":"a","receivedAt":1,"lengths":[],"lines":""}'])(
  '%j is none of ours',
  (body) => {
    expect(() => logBatch(body)).toThrow();
  },
);
