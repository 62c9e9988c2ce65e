import { threatLineOf } from '../../shared/threat-logs/threat-line.ts';
import { tagged } from '../../shared/threat-logs/threat-tag.ts';
import { readStructured } from '../../shared/wire/syslog/structured-line.ts';

function told(line: string) {
  const bytes = Buffer.from(line);
  const found = tagged(bytes);
  if (found?.tag === undefined) throw new Error('It is none that goes on.');
  const { read, fault } = readStructured(bytes, found.place);
  if (read === undefined) throw new Error(fault);
  return threatLineOf(found.tag, read);
}

const line = (application: string, tag: string, params: string, time = '2026-03-01T12:00:00Z') =>
  `<14>1 ${time} fw-1 ${application} - ${tag} [junos@2636.1.1.1.2.86 ${params}]`;

test('an attack is its source’s', () => {
  const found = told(
    line(
      'RT_IDP',
      'IDP_ATTACK_LOG_EVENT',
      'epoch-time="1772366400" source-address="192.0.2.20" source-port="80" destination-address="198.51.100.7" ruleebase-name="IPS" ' +
        'action="DROP" threat-severity="HIGH" attack-name="HTTP:MISC" username="EXAMPLE\\alice" roles="N/A"',
    ),
  );

  expect(found).toEqual({
    tag: 'IDP_ATTACK_LOG_EVENT',
    firewall: 'fw-1',
    at: Date.UTC(2026, 2, 1, 12),
    about: '192.0.2.20',
    source: '192.0.2.20',
    destination: '198.51.100.7',
    threat: 'HTTP:MISC',
    severity: 'HIGH',
    action: 'DROP',
    user: 'EXAMPLE\\alice',
  });
});

test.each([
  ['80', '198.51.100.7'],
  ['8080', '192.0.2.20'],
])('a virus that comes from port %s is that of %s', (port, about) => {
  const params = `source-address="192.0.2.20" source-port="${port}" destination-address="198.51.100.7" filename="a" name="EICAR" url="x"`;

  expect(told(line('RT_UTM', 'AV_VIRUS_DETECTED_MT_LS', params))).toMatchObject({ about, threat: 'EICAR' }); // prettier-ignore
});

test('a screen that names only whom it protects is about nobody', () => {
  const params = 'attack-name="SYN flood Dst-IP based!" destination-address="198.51.100.7" action="alarm-without-drop"';

  expect(told(line('RT_IDS', 'RT_SCREEN_TCP_DST_IP', params))).toMatchObject({
    about: null,
    source: null,
    destination: '198.51.100.7',
    threat: 'SYN flood Dst-IP based!',
  });
});

test.each(['N/A', 'None', '-', '0.0.0.0', '', 'somewhere', '192.0.2.300'])('the address %j is none', (address) => {
  expect(told(line('RT_IDS', 'RT_SCREEN_TCP', `source-address="${address}" username="None"`))).toMatchObject({
    source: null,
    about: null,
    user: null,
  });
});

test('a time without an offset is told by the epoch time, where there is one', () => {
  const at = (params: string) => told(line('RT_IDP', 'IDP_ATTACK_LOG_EVENT', params, '2011-10-23T02:06:26.544')).at;

  expect(at('epoch-time="1319367986"')).toBe(1_319_367_986_000);
  expect(at('epoch-time="soon"')).toBeNull();
  expect(at('a="b"')).toBeNull();
});

test('what a collector adds does not speak for the firewall', () => {
  const found = told(
    '<14>1 - fw RT_IDS - RT_SCREEN_TCP [collector@9 source-address="203.0.113.9" user="x"][junos@2636.1.1.1.2.86 source-address="192.0.2.20"]',
  );

  expect(found.about).toBe('192.0.2.20');
});

test('of what a line says so much is told as a log can show', () => {
  const long = 'x'.repeat(60_000);
  const params = `attack-name="\u0000\ud800${long}" threat-severity="\u0001${long}" action="\u0007" username="${long}"`;

  const { threat, severity, action, user } = told(line('RT_IDP', 'IDP_ATTACK_LOG_EVENT', params));

  expect([threat, severity, user].map((text) => text?.length)).toEqual([256, 256, 256]);
  expect(threat?.startsWith('\ufffd')).toBe(true);
  expect(severity?.startsWith('\ufffdx')).toBe(true);
  expect(action).toBe('\ufffd');
});
