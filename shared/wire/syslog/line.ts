/**
 * Lines of syslog: RFC 5424, RFC 3164 and what relays make of them. What follows HOST is the message, be it a tag and a
 * text or structured data and a text. A line that is neither is a message without a host.
 */

export interface SyslogLine {
  /** Facility times eight plus severity; null where the line does not begin with it. */
  readonly priority: number | null;
  /** As it stands in the header; null where there is none. */
  readonly time: string | null;
  readonly host: string | null;
  /** Whom a relay had the line from. */
  readonly fromHostIp: string | null;
  readonly message: string;
}

/**
 * A relay may hand a line on as a JSON object, with `fromhost-ip` and the line as `rawmsg`, or, where it has taken the
 * header off, with `hostname` and `msg`.
 */
export function readSyslog(text: string): SyslogLine {
  const relayed = text.startsWith('{') ? relayedLine(text) : undefined;
  if (relayed === undefined) return { ...headed(text), fromHostIp: null };
  const { line, host, fromHostIp, message } = relayed;
  return line === undefined
    ? { priority: null, time: null, host, fromHostIp, message }
    : { ...headed(line), fromHostIp };
}

const priorityForm = /^<(\d{1,3})>/;
/** VERSION SP TIMESTAMP SP HOSTNAME SP. Another word in the place of the time is none. */
const modern = /^[1-9]\d{0,2} (?:(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*)|\S+) (?<host>\S{1,255}) /;
/** `Mar  1 12:00:00 host `, and relays' own `2026-03-01T12:00:00.123+01:00 host ` */
const classic =
  /^(?<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) (?<host>\S{1,255}) /;

function headed(text: string): Omit<SyslogLine, 'fromHostIp'> {
  const [found = '', digits] = priorityForm.exec(text) ?? [];
  const priority = digits === undefined || Number(digits) > 191 ? null : Number(digits);
  const rest = text.slice(found.length);
  const header = modern.exec(rest) ?? classic.exec(rest);
  if (header === null) return { priority, time: null, host: null, message: rest };
  const { time, host } = header.groups ?? {};
  return { priority, time: time ?? null, host: host === '-' ? null : (host ?? null), message: rest.slice(header[0].length) }; // prettier-ignore
}

function relayedLine(text: string) {
  const relayed = objectIn(text);
  if (relayed === undefined) return undefined;
  const line = textIn(relayed, 'rawmsg');
  const message = textIn(relayed, 'msg') ?? textIn(relayed, 'message');
  const fromHostIp = textIn(relayed, 'fromhost-ip');
  // Any other object is a message in JSON without a header.
  if (fromHostIp === null || (line === null && message === null)) return undefined;
  return { ...(line !== null && { line }), host: textIn(relayed, 'hostname'), fromHostIp, message: message ?? '' };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function textIn(object: object, name: string): string | null {
  const value: unknown = Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof value === 'string' ? value.trim() : null;
}
