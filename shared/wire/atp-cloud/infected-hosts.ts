/**
 * What ATP Cloud answers about infected hosts: `{"data":{"count":2,"ip":[{"192.0.2.1":6},{"192.0.2.2":9}]}}`, addresses
 * with their threat levels. Read strictly and as a whole: a list that was read by half would free hosts that are
 * infected still, so whatever is not as it should be makes the answer none.
 */

export interface ListedAddress {
  /** As it was written. */
  readonly address: string;
  /** 0, which is clean, to 10. */
  readonly level: number;
}

export interface Fault {
  readonly code: 'answer-unreadable' | 'answer-malformed' | 'count-differs' | 'level-invalid' | 'too-many-hosts';
  /** A sentence: what is wrong, and where. It quotes nothing that was answered. */
  readonly message: string;
}

export type ReadInfectedHosts =
  | { readonly listed: readonly ListedAddress[]; readonly fault?: never }
  | { readonly listed?: never; readonly fault: Fault };

/** Far more than any site has infected: who lists as many lists something else. */
export const mostListed = 50_000;

/** As long as such a list can be, and then some. */
export const mostAnswerBytes = 8_000_000;

class Faulty extends Error {
  readonly fault: Fault;
  constructor(code: Fault['code'], message: string) {
    super(code);
    this.fault = { code, message };
  }
}

export function readInfectedHosts(body: Uint8Array): ReadInfectedHosts {
  try {
    return { listed: listedIn(parsed(body)) };
  } catch (error) {
    if (error instanceof Faulty) return { fault: error.fault };
    throw error;
  }
}

function parsed(body: Uint8Array): unknown {
  if (body.length > mostAnswerBytes) throw new Faulty('answer-unreadable', 'The answer is longer than 8 MB.');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Faulty('answer-unreadable', 'The answer is no JSON in UTF-8, or a part of it is missing.');
  }
}

function listedIn(answer: unknown): readonly ListedAddress[] {
  const { data } = objectIn(answer, 'The answer');
  const { count, ip } = objectIn(data, 'Its "data"');
  if (!isCount(count)) throw new Faulty('answer-malformed', 'Its "data.count" is no whole number.');
  if (!Array.isArray(ip)) throw new Faulty('answer-malformed', 'Its "data.ip" is no list.');
  if (ip.length > mostListed) throw new Faulty('too-many-hosts', `It lists ${ip.length} hosts, more than ${mostListed}.`); // prettier-ignore
  if (ip.length !== count) throw new Faulty('count-differs', `It counts ${count} hosts and lists ${ip.length}.`);
  return ip.map((each: unknown, index) => addressIn(each, `"data.ip[${index}]"`));
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function objectIn(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Faulty('answer-malformed', `${what} is no object.`);
}

function addressIn(value: unknown, where: string): ListedAddress {
  const members = Object.entries(objectIn(value, where));
  const [member] = members;
  if (member === undefined || members.length > 1) {
    throw new Faulty('answer-malformed', `${where} has ${members.length} members instead of one.`);
  }
  const [address, level] = member;
  if (isCount(level) && level <= 10) return { address, level };
  throw new Faulty('level-invalid', `The level of ${where} is no whole number from 0 to 10.`);
}
