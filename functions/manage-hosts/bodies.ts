/** What is sent of infected hosts. */
import * as v from 'valibot';
import { investigations } from '../../shared/endpoints/endpoint.ts';
import { type IpAddress, readAddress } from '../../shared/identity/address.ts';
import { closed, list, oneOf, say, text, whole } from '../../shared/json-schema.ts';

/** In its one form, whatever form it came in. */
const address = v.pipe(
  text(1, 64),
  v.rawTransform<string, IpAddress>(({ dataset: { value }, addIssue, NEVER }) => {
    const { address: read } = readAddress(value);
    if (read !== undefined) return read;
    addIssue({ message: say('form', 'Give an IPv4 or IPv6 address that a host can have, without a prefix length.') });
    return NEVER;
  }),
);

const host = closed({ ip: address, level: whole(0, 10), threatName: v.optional(v.nullable(text(1, 256)), null) });

/** Of an address that comes twice, however it is written, nobody could say which level holds. */
const hosts = v.pipe(
  list(host, { least: 1, most: 1_000 }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const seen = new Set<IpAddress>();
    dataset.value.forEach((each, key) => {
      const path: [v.ArrayPathItem] = [{ type: 'array', origin: 'value', input: dataset.value, key, value: each.ip }];
      if (seen.has(each.ip)) addIssue({ message: say('form', `Name ${each.ip} once.`), path });
      seen.add(each.ip);
    });
  }),
);

export const push = closed({ hosts });
export const investigation = closed({ investigation: oneOf(investigations) });
