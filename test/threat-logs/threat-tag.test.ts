import fc from 'fast-check';
import { tagged, threatTags } from '../../shared/threat-logs/threat-tag.ts';

const told = (line: string) => {
  const found = tagged(Buffer.from(line));
  return found ? (found.tag ?? 'filtered') : 'malformed';
};
const rfc5424 = (tag: string) =>
  `1 2011-10-23T02:06:26.544 SRX34001 RT_IDP - ${tag} [junos@2636.1.1.1.2.86 epoch-time="1507845354"]`;

const goesOn = [
  'RT_SCREEN_ICMP',
  'RT_SCREEN_IP',
  'RT_SCREEN_TCP',
  'RT_SCREEN_TCP_DST_IP',
  'RT_SCREEN_TCP_SRC_IP',
  'RT_SCREEN_UDP',
  'AV_VIRUS_DETECTED_MT',
  'ANTISPAM_SPAM_DETECTED_MT',
  'IDP_APPDDOS_APP_ATTACK_EVENT',
  'IDP_APPDDOS_APP_STATE_EVENT',
  'IDP_ATTACK_LOG_EVENT',
] as const;

test.each(goesOn)('%s goes on, of a logical system too', (tag) => {
  expect(told(`<14>${rfc5424(tag)}`)).toBe(tag);
  expect(told(`<14>${rfc5424(`${tag}_LS`)}`)).toBe(tag);
});

test('nothing else is in the table', () => {
  expect(Object.keys(threatTags).sort()).toEqual([...goesOn].sort());
});

test.each([
  'RT_FLOW_SESSION_CREATE',
  'RT_FLOW_SESSION_CLOSE',
  'RT_FLOW_SESSION_DENY',
  'RT_FLOW_SESSION_CREATE_LS',
  'WEBFILTER_URL_BLOCKED',
  'WEBFILTER_URL_PERMITTED',
  'WEBFILTER_SERVER_CONNECTED',
  'SECINTEL_ACTION_LOG',
  'CONTENT_FILTERING_BLOCKED_MT',
  'CONTENT_FILTERING_BLOCKED_MT_LS',
  'AAMW_ACTION_LOG',
  'AAMW_HOST_INFECTED_EVENT_LOG',
  'AV_VIRUS_DETECTED',
  'AV_MANY_MSGS_NOT_SCANNED_MT',
  'ANTISPAM_SPAM_DETECTED',
  'IDP_ATTACK_LOG_EVENT_LS_LS',
  'IDP_ATTACK_LOG_EVENTS',
  'IDP_PACKET_CAPTURE_LOG_EVENT',
  'IDP_SESSION_LOG_EVENT',
  'RT_SCREEN_SESSION_LIMIT',
  'RT_SCREEN_WHITE_LIST',
  'RT_SCREEN_TCP_LS_',
  'rt_screen_tcp',
  'APPTRACK_SESSION_CLOSE',
  'constructor',
  '-',
])('%s stays behind', (tag) => {
  expect(told(`<14>${rfc5424(tag)}`)).toBe('filtered');
});

test.each([
  ['behind a BSD header of a relay', `<14>Oct 23 02:06:27 relay <14>${rfc5424('IDP_ATTACK_LOG_EVENT')}`],
  ['behind one for a day of one digit', `<14>Oct  3 02:06:27 relay <14>${rfc5424('IDP_ATTACK_LOG_EVENT')}`],
  [
    'behind one whose priority took the place of its own',
    `<14>Oct 23 02:06:27 relay ${rfc5424('IDP_ATTACK_LOG_EVENT')}`,
  ],
  ['behind one with a program', `<14>Oct 23 02:06:27 relay rsyslogd: <14>${rfc5424('IDP_ATTACK_LOG_EVENT')}`],
  ['behind a relay’s own header', `<14>2011-10-23T02:06:27.001+00:00 relay <14>${rfc5424('IDP_ATTACK_LOG_EVENT')}`],
  ['without a priority', rfc5424('IDP_ATTACK_LOG_EVENT')],
  [
    'with a time that nobody can read',
    '<14>1 2014-07-24T1358.362+08:00 bjsolar RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1.1.1.2.86]',
  ],
  ['behind the longest name of a firewall', `<14>1 - ${'x'.repeat(255)} RT_IDP - IDP_ATTACK_LOG_EVENT [x]`],
  ['at the end of the line', '<14>1 - fw RT_IDP - IDP_ATTACK_LOG_EVENT'],
])('a tag is found %s', (_, line) => {
  expect(told(line)).toBe('IDP_ATTACK_LOG_EVENT');
});

test.each([
  ['nothing', ''],
  ['no header', 'IDP_ATTACK_LOG_EVENT'],
  ['a priority alone', '<14>'],
  ['a BSD header alone', '<14>Oct 23 02:06:27 fw IDP_ATTACK_LOG_EVENT'],
  ['another version', '<14>2 - fw RT_IDP - IDP_ATTACK_LOG_EVENT [x]'],
  ['a priority that there is not', `<192>${rfc5424('IDP_ATTACK_LOG_EVENT')}`],
  ['too few words', '<14>1 - fw RT_IDP -'],
  ['no end of a word', `<14>1 ${'x'.repeat(60_000)}`],
  ['a firewall with too long a name', `<14>1 - ${'x'.repeat(256)} RT_IDP - IDP_ATTACK_LOG_EVENT [x]`],
  ['nulls', '\0'.repeat(100)],
])('%s is malformed', (_, line) => {
  expect(told(line)).toBe('malformed');
});

test('no line throws, and a tag in its body is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => tagged(bytes)).not.toThrow();
    }),
  );
  expect(told('<14>1 - fw RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636 x=" - IDP_ATTACK_LOG_EVENT "]')).toBe('filtered');
});
