import { policyEnforcer, shippedTemplates, templateNamed } from '../../shared/admission/shipped-templates.ts';
import { fieldsOf, readMessage } from '../../shared/admission/template.ts';
import type { Template } from '../../shared/configuration/threat-response.ts';
import { readSyslog } from '../../shared/wire/syslog/line.ts';
import { sensorLines, sensorTemplate } from '../support/admission.ts';

const plain = { event: 'quarantine-endpoint', endpointIp: '192.0.2.50' };
const read = (message: unknown, template: Template = policyEnforcer) =>
  readMessage(template, typeof message === 'string' ? message : JSON.stringify(message));
const faultOf = (message: unknown, template?: Template) => read(message, template).fault;

describe('the shipped template', () => {
  test.each([
    'JuniperNetworks-Policy Enforcer-HTTP-JSON',
    'JuniperNerworks-Policy Enforcer-HTTP-JSON',
    'Juniper Networks Policy Enforcer',
  ])('is found as "%s"', (name) => {
    expect(templateNamed([], name)).toBe(policyEnforcer);
  });

  test('does not hide a template of the tenant, nor the reverse', () => {
    expect(templateNamed([sensorTemplate], 'sensor')).toBe(sensorTemplate);
    expect(templateNamed([{ ...sensorTemplate, name: policyEnforcer.name }], policyEnforcer.name)).toBe(policyEnforcer);
    expect(templateNamed([sensorTemplate], 'nobody')).toBeUndefined();
  });

  test.each(shippedTemplates.flatMap(({ template }) => template.samples.map((sample) => ({ template, sample }))))(
    'reads its own samples as it says',
    ({ template, sample }) => {
      const { message } = readMessage(template, sample.message);
      expect(message && fieldsOf(message)).toEqual(sample.expect);
    },
  );
});

describe('a JSON message', () => {
  test('is read field by field', () => {
    const told = {
      ...plain,
      endpointMac: '0011.2233.CAFE',
      userName: 'alice',
      severity: 'HIGH',
      threatName: 'Trojan.Generic',
      eventId: 4711,
      occurredAt: '2026-03-01T13:00:00+01:00',
    };

    expect(read(told).message).toEqual({
      event: 'quarantine-endpoint',
      endpointIp: '192.0.2.50',
      endpointMac: '00:11:22:33:ca:fe',
      userName: 'alice',
      severity: 'high',
      threatName: 'Trojan.Generic',
      eventId: '4711',
      occurredAt: Date.UTC(2026, 2, 1, 12),
    });
  });

  test('may leave out all but the event and the address; null and blanks are left out', () => {
    expect(read({ ...plain, endpointMac: null, userName: '  ', severity: '' }).message).toEqual({
      ...plain,
      endpointMac: null,
      userName: null,
      severity: null,
      threatName: null,
      eventId: null,
      occurredAt: null,
    });
  });

  test.each([
    ['events-block-endpoint', 'block-endpoint'],
    ['clear-quarantined-endpoint', 'clear-quarantine-endpoint'],
    ['Quarantine-Endpoint', 'quarantine-endpoint'],
  ])('may call its event %s', (word, event) => {
    expect(read({ ...plain, event: word }).message).toMatchObject({ event });
  });

  test.each([
    ['2026-03-01T12:00:00Z', Date.UTC(2026, 2, 1, 12)],
    ['2026-03-01 12:00:00.250Z', Date.UTC(2026, 2, 1, 12, 0, 0, 250)],
    [1772366400, Date.UTC(2026, 2, 1, 12)],
    ['1772366400.5', Date.UTC(2026, 2, 1, 12, 0, 0, 500)],
    [1772366400000, Date.UTC(2026, 2, 1, 12)],
  ])('tells its time as %s', (occurredAt, instant) => {
    expect(read({ ...plain, occurredAt }).message?.occurredAt).toBe(instant);
  });

  test.each([
    [1, 'low'],
    ['3', 'low'],
    [4, 'medium'],
    [7, 'high'],
    [10, 'high'],
  ])('may tell the threat level %s', (severity, band) => {
    expect(read({ ...plain, severity }).message?.severity).toBe(band);
  });

  test.each([
    ['nothing', '', 'json-invalid'],
    ['half a document', '{"event":', 'json-invalid'],
    ['two documents', '{}{}', 'json-invalid'],
    ['a number', 4711, 'event-unknown'],
    ['null', null, 'event-unknown'],
    ['a list', [plain], 'event-unknown'],
    ['no event', { endpointIp: '192.0.2.50' }, 'event-unknown'],
    ['an event of another product', { ...plain, event: 'explode' }, 'event-unknown'],
    ['an event named like what every object has', { ...plain, event: 'constructor' }, 'event-unknown'],
    ['an event that is a list', { ...plain, event: ['quarantine-endpoint'] }, 'message-field-invalid'],
    ['no address', { event: 'quarantine-endpoint' }, 'endpoint-ip-invalid'],
    ['an address that is none', { ...plain, endpointIp: '192.0.2.256' }, 'endpoint-ip-invalid'],
    ['a prefix', { ...plain, endpointIp: '192.0.2.0/24' }, 'endpoint-ip-invalid'],
    ['an address as a number', { ...plain, endpointIp: 3221225985 }, 'endpoint-ip-invalid'],
    ['an address as an object', { ...plain, endpointIp: { v4: '192.0.2.50' } }, 'message-field-invalid'],
    ['a loopback address', { ...plain, endpointIp: '127.0.0.1' }, 'endpoint-ip-invalid'],
    ['a multicast address', { ...plain, endpointIp: 'ff02::1' }, 'endpoint-ip-invalid'],
    ['an address with its zone', { ...plain, endpointIp: 'fe80::1%eth0' }, 'endpoint-ip-invalid'],
    ['a MAC that is none', { ...plain, endpointMac: '00:11:22:33:ca' }, 'endpoint-mac-invalid'],
    ['the MAC zero', { ...plain, endpointMac: '00:00:00:00:00:00' }, 'endpoint-mac-invalid'],
    ['a multicast MAC', { ...plain, endpointMac: '01:00:5e:00:00:01' }, 'endpoint-mac-invalid'],
    ['a severity of another product', { ...plain, severity: 'apocalyptic' }, 'severity-unknown'],
    ['a threat level that there is not', { ...plain, severity: 11 }, 'severity-unknown'],
    ['a time without a zone', { ...plain, occurredAt: '2026-03-01T12:00:00' }, 'occurred-at-invalid'],
    ['a time in words', { ...plain, occurredAt: 'yesterday' }, 'occurred-at-invalid'],
    ['the month thirteen', { ...plain, occurredAt: '2026-13-01T12:00:00Z' }, 'occurred-at-invalid'],
    ['a time in microseconds', { ...plain, occurredAt: 1772366400000000 }, 'occurred-at-invalid'],
    ['a time before 1970', { ...plain, occurredAt: -1 }, 'occurred-at-invalid'],
    ['an endless user', { ...plain, userName: 'a'.repeat(257) }, 'message-field-invalid'],
    ['an endless id', { ...plain, eventId: 'a'.repeat(257) }, 'message-field-invalid'],
    ['an id that is an object', { ...plain, eventId: {} }, 'message-field-invalid'],
  ])('with %s is refused, and says what is wrong', (_, message, code) => {
    const fault = faultOf(message);

    expect(fault).toMatchObject({ code });
    expect(fault?.message).toMatch(/\b(Send|Write|Leave|may be left out)\b/);
  });

  test('that is refused still tells what could be read of it', () => {
    expect(faultOf({ ...plain, event: 'explode', endpointMac: '00:11:22:33:ca:fe' })?.told).toEqual({
      event: 'explode',
      endpointIp: '192.0.2.50',
      endpointMac: '00:11:22:33:ca:fe',
    });
  });

  test('cannot bring line ends or half characters into a log', () => {
    expect(read({ ...plain, threatName: 'a\nb\u0000c\ud800' }).message?.threatName).toBe('a\ufffdb\ufffdc\ufffd');
  });

  test('keeps a hold although its threat has an endless name', () => {
    expect(read({ ...plain, threatName: 'x'.repeat(10_000) }).message?.threatName).toHaveLength(256);
  });

  test('may have its fields anywhere, as the pointers of RFC 6901 say', () => {
    const parse = {
      type: 'json' as const,
      fields: { event: '/alerts/0/kind~1name', endpointIp: '/alerts/0/who/a~0b', eventId: '/' },
    };
    const message = { '': 7, alerts: [{ 'kind/name': 'block-endpoint', who: { 'a~b': '2001:DB8::1' } }] };

    expect(read(message, { ...policyEnforcer, parse }).message).toMatchObject({
      event: 'block-endpoint',
      endpointIp: '2001:db8::1',
      eventId: '7',
    });
  });

  test('is looked into for what it holds itself, not for what every object has', () => {
    const parse = { type: 'json' as const, fields: { event: '/constructor/name', endpointIp: '/length' } };

    expect(faultOf('[]', { ...policyEnforcer, parse })).toMatchObject({ code: 'event-unknown' });
  });
});

describe('a line', () => {
  test('is read by the groups of a pattern', () => {
    const line = 'ids[7]: trojan host=192.0.2.50 mac=0011-2233 user=bob';
    expect(faultOf(line, sensorTemplate)).toMatchObject({ code: 'endpoint-mac-invalid' });

    const good = 'ids[7]: trojan host=192.0.2.50 mac=00-11-22-33-CA-FE user=bob prio=1 name="a b" id=x1 at=1772366400';
    expect(read(good, sensorTemplate).message).toEqual({
      event: 'infected',
      endpointIp: '192.0.2.50',
      endpointMac: '00:11:22:33:ca:fe',
      userName: 'bob',
      severity: '1',
      threatName: 'a b',
      eventId: 'x1',
      occurredAt: Date.UTC(2026, 2, 1, 12),
    });
  });

  test('that the pattern does not describe is refused', () => {
    expect(faultOf('something else', sensorTemplate)).toMatchObject({ code: 'message-unmatched' });
  });

  const withPattern = (pattern: string): Template => ({ ...sensorTemplate, parse: { type: 'pattern', pattern } });
  const groups = '(?P<event>x)(?P<endpointIp>y)';

  test.each([
    ['is none', '(?P<event>', 'RE2 does not take'],
    ['looks ahead', `(?=a)${groups}`, 'RE2 does not take'],
    ['refers back', `(a)\\1${groups}`, 'RE2 does not take'],
    ['is endless', `${groups}${'a'.repeat(512)}`, 'at most 512'],
    ['becomes endless', `${groups}${'a{1000}'.repeat(20)}`, 'instructions'],
    ['has an unknown group', `${groups}(?P<colour>z)`, 'colour'],
    ['has no address', '(?P<event>x)', 'endpointIp'],
  ])('is not held against a pattern that %s', (_, pattern, words) => {
    const fault = faultOf('xy', withPattern(pattern));

    expect(fault).toMatchObject({ code: 'message-unmatched' });
    expect(fault?.message).toContain(words);
  });

  test.each([`(?:a+)+$|${groups}`, `^(?:a|a)*b|${groups}`, `(?:a|aa)+$|${groups}`, `(?:.*)*${groups}`])(
    'of 64 kB is held against %s before anybody waits',
    (pattern) => {
      const template = withPattern(pattern);
      const line = `${'a'.repeat(65_535)}!`;
      readMessage(template, 'xy');
      const before = process.cpuUsage();
      readMessage(template, line);

      // A pattern that tries every way would take longer than the universe.
      expect(process.cpuUsage(before).user).toBeLessThan(60_000_000);
    },
  );
});

describe('the example of another device', () => {
  test.each(sensorTemplate.samples)('reads "$message" as it says', ({ message, expect: told }) => {
    const reading = readMessage(sensorTemplate, message);
    expect(reading.message ? fieldsOf(reading.message) : null).toEqual(told);
  });

  test.each(sensorLines)('reads %s', (line) => {
    expect(readMessage(sensorTemplate, readSyslog(line).message).message).toMatchObject({ endpointIp: expect.stringMatching(/50$/) as string }); // prettier-ignore
  });
});
