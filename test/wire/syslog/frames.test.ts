import fc from 'fast-check';
import { framesOf, longestLine } from '../../../shared/wire/syslog/frames.ts';

const framed = (body: string | Uint8Array) =>
  [...framesOf(Buffer.from(body))].map(({ line, fault }) => (line ? Buffer.from(line).toString() : { fault }));

const [one, two] = ['<14>1 - fw - - RT_FLOW_SESSION_CLOSE -', '<14>1 - fw - - IDP_ATTACK_LOG_EVENT [junos@2636 a="ü"]'];
const counted = (line: string) => `${Buffer.byteLength(line)} ${line}`;

test.each([
  ['ended by line feeds', `${one}\n${two}\n`],
  ['ended by carriage returns and line feeds', `${one}\r\n${two}\r\n`],
  ['the last without an end', `${one}\n${two}`],
  ['with empty lines between them', `\n${one}\n\r\n\n${two}\n\n`],
  ['counted', counted(one) + counted(two)],
  ['counted, and ended by line feeds all the same', `${counted(one)}\n${counted(two)}\n`],
  ['some counted, some not', `${one}\n${counted(two)}`],
])('lines %s are told apart', (_, body) => {
  expect(framed(body)).toEqual([one, two]);
});

test('a counted line may hold line feeds', () => {
  expect(framed(counted(`${one}\n${two}`) + counted(one))).toEqual([`${one}\n${two}`, one]);
});

test('a line that begins with a number is counted only where a priority follows', () => {
  expect(framed('2026-03-01T12:00:00Z fw x\n12 monkeys\n007 <14>x')).toEqual([
    '2026-03-01T12:00:00Z fw x',
    '12 monkeys',
    '007 <14>x',
  ]);
});

test('a count that leads beyond the end is a line that was cut off', () => {
  expect(framed(`${one}\n99999 ${two}`)).toEqual([one, { fault: 'frame-cut-off' }]);
});

test.each([
  ['with lines behind it', `99999 ${one}\n${two}\n${one}`, [two, one]],
  ['again and again', `99999 ${one}\n${two}\n99999 ${one}\n${two}`, [two, two]],
  ['with counted lines behind it', `99999 ${one}\n${counted(two)}${counted(one)}`, [two, one]],
])('a line that only looks as if it were counted, %s, takes none of them with it', (_, body, lines) => {
  const found = framed(body);

  expect(found[0]).toEqual({ fault: 'frame-cut-off' });
  expect(found.filter((each) => typeof each === 'string')).toEqual(lines);
});

test.each([
  ['too small', `${one.length - 1} ${one}\n${two}\n${counted(one)}`, [two, one]],
  ['too large', `${one.length + 1} ${one}\n${two}\n${counted(one)}`, [two, one]],
  ['in characters, not in bytes', `${two.length} ${two}\n${counted(one)}`, [one]],
  ['of anybody’s choice, where a relay cut a line in two', `<14>1 - fw - - X [junos@2636 name="x\n${one.length + 20} <14>y"]\n${one}\n${two}`, [one, two]], // prettier-ignore
])('a count that is %s leads into the midst of something, and takes no line behind it', (_, body, lines) => {
  expect(framed(body).slice(-lines.length)).toEqual(lines);
});

test('a line that is too long is named, and its neighbours are read', () => {
  const long = `<14>${'x'.repeat(longestLine)}`;

  expect(framed(`${one}\n${long}\n${two}`)).toEqual([one, { fault: 'line-too-long' }, two]);
  expect(framed(counted(one) + counted(long) + counted(two))).toEqual([one, { fault: 'line-too-long' }, two]);
});

test('nothing has no lines', () => {
  expect(framed('')).toEqual([]);
  expect(framed('\r\n\n')).toEqual([]);
});

test('whatever is sent comes out byte for byte in either framing, and no body throws', () => {
  const lines = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.concat([Buffer.from('<14>'), bytes])));
  fc.assert(
    fc.property(lines, fc.uint8Array({ maxLength: 300 }), (sent, anything) => {
      const body = Buffer.concat(sent.flatMap((line) => [Buffer.from(`${line.length} `), line]));
      expect([...framesOf(body)].map(({ line }) => line && Buffer.from(line))).toEqual(sent);

      const whole = sent.filter((line) => !line.includes('\n') && !line.includes('\r'));
      const inLines = Buffer.concat(whole.flatMap((line) => [line, Buffer.from('\n')]));
      expect([...framesOf(inLines)].map(({ line }) => line && Buffer.from(line))).toEqual(whole);

      for (const { line } of framesOf(anything)) expect(line?.length).not.toBe(0);
    }),
  );
});
