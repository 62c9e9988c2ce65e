import { readSyslog } from '../../../shared/wire/syslog/line.ts';

test.each([
  ['RFC 5424', '<134>1 2026-03-01T12:00:00.003Z fw-1 RT_AAMW - AAMW_LOG [junos@2636 host="192.0.2.50"] infected', 134, '2026-03-01T12:00:00.003Z', 'fw-1', 'RT_AAMW - AAMW_LOG [junos@2636 host="192.0.2.50"] infected'], // prettier-ignore
  ['RFC 5424 without a host', '<14>1 - - ids - - - infected', 14, null, null, 'ids - - - infected'],
  ['what is nearly RFC 5424', '<14>1 now fw-1 infected', 14, null, 'fw-1', 'infected'],
  ['RFC 5424 with an address', '<0>1 2026-03-01T12:00:00+01:00 2001:db8::7 ids - - - x', 0, '2026-03-01T12:00:00+01:00', '2001:db8::7', 'ids - - - x'], // prettier-ignore
  ['RFC 3164', '<13>Mar  1 12:00:00 fw-1 ids[7]: infected', 13, 'Mar  1 12:00:00', 'fw-1', 'ids[7]: infected'],
  [
    'RFC 3164 without a priority',
    'Mar 11 12:00:00 198.51.100.7 ids: infected',
    null,
    'Mar 11 12:00:00',
    '198.51.100.7',
    'ids: infected',
  ],
  [
    'a relay’s own form',
    '<13>2026-03-01T12:00:00.123456+01:00 fw-1 ids: infected',
    13,
    '2026-03-01T12:00:00.123456+01:00',
    'fw-1',
    'ids: infected',
  ],
  ['no header', 'ids: infected', null, null, null, 'ids: infected'],
  ['a priority and no more', '<13>infected', 13, null, null, 'infected'],
  ['a priority that there is not', '<999>Mar  1 12:00:00 fw-1 x', null, 'Mar  1 12:00:00', 'fw-1', 'x'],
  ['nothing', '', null, null, null, ''],
  ['a header and nothing else', '<13>Mar  1 12:00:00 fw-1 ', 13, 'Mar  1 12:00:00', 'fw-1', ''],
  ['JSON without a relay', '{"event":"x","message":"y"}', null, null, null, '{"event":"x","message":"y"}'],
  ['half of an object', '{"fromhost-ip":', null, null, null, '{"fromhost-ip":'],
])('%s is read', (_, line, priority, time, host, message) => {
  expect(readSyslog(line)).toEqual({ priority, time, host, fromHostIp: null, message });
});

test('a relay hands on the line as it came, or what is left of it without its header', () => {
  const rawmsg = '<13>Mar  1 12:00:00 fw-1 ids: infected';

  expect(readSyslog(JSON.stringify({ 'fromhost-ip': '198.51.100.7', rawmsg }))).toEqual({
    priority: 13,
    time: 'Mar  1 12:00:00',
    host: 'fw-1',
    fromHostIp: '198.51.100.7',
    message: 'ids: infected',
  });
  expect(
    readSyslog(JSON.stringify({ 'fromhost-ip': '198.51.100.7', hostname: 'fw-1', msg: ' ids: infected' })),
  ).toEqual({
    priority: null,
    time: null,
    host: 'fw-1',
    fromHostIp: '198.51.100.7',
    message: 'ids: infected',
  });
});

test('what every object has is nothing that a relay has sent', () => {
  expect(readSyslog('{"constructor":1,"rawmsg":"x"}')).toMatchObject({ fromHostIp: null });
});
