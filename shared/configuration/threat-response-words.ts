/** The single values that the set-up of threat response is made of. */
import * as v from 'valibot';
import { isJsonPointer } from '../admission/json-pointer.ts';
import { readMac } from '../endpoints/mac.ts';
import { say, text } from '../json-schema.ts';
import { longestPassword } from '../radius/password.ts';
import { readPrefix } from './address-prefix.ts';
import { connectorTypes } from './threat-response.ts';

/** What something is called. */
export const called = v.pipe(
  text(1, 63),
  v.check((value) => value === value.trim(), say('form', 'Give a name without blanks around it.')),
);

/** What a connector is called. */
export const connectorName = v.pipe(
  text(1, 63),
  v.check(
    (value) => /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(value),
    say('form', 'Begin with a letter or a digit, and go on with letters, digits, "_" and "-", without blanks.'),
  ),
);

/** ForeScout, which the vendor has too, speaks nothing that is public. */
export const connectorType = v.picklist(
  connectorTypes,
  say('type-not-available', `Give one of: ${connectorTypes.join(', ')}. ForeScout has no public protocol; a webhook of your own can speak to whatever else there is.`), // prettier-ignore
);

/** One address. */
export const address = v.pipe(
  v.string(say('type', 'Give an address, in quotes.')),
  v.metadata({ description: 'An address like 192.0.2.7 or 2001:db8::7' }),
  v.rawTransform<string, string>(({ dataset: { value }, addIssue, NEVER }) => {
    const { prefix } = readPrefix(value);
    if (prefix !== undefined && !prefix.includes('/')) return prefix;
    addIssue({ message: say('form', 'Write one address like 192.0.2.7 or 2001:db8::7, and no prefix.') });
    return NEVER;
  }),
);

export const mac = v.pipe(
  v.string(say('type', 'Give a MAC address, in quotes.')),
  v.metadata({ description: 'A MAC address like 00:11:22:33:ca:fe' }),
  v.rawTransform<string, string>(({ dataset: { value }, addIssue, NEVER }) => {
    const { mac: found, problem } = readMac(value);
    if (found !== undefined) return found;
    addIssue({ message: say('form', problem) });
    return NEVER;
  }),
);

/** A password as it is sent: `null` or empty for none. */
export const password = v.nullable(
  v.pipe(
    text(0, longestPassword),
    v.check(
      (value) => Buffer.byteLength(value) <= longestPassword,
      say('length', `Give at most ${longestPassword} bytes of UTF-8, which is what RADIUS carries.`),
    ),
  ),
);

/** A VLAN by its id or its name. */
export const vlan = v.pipe(
  text(1, 64),
  v.check(
    (value) => (/^\d+$/.test(value) ? isVlanId(value) : /^[\x21-\x7e]+$/.test(value)),
    say('form', 'Give the id of a VLAN from "1" to "4094", or its name in ASCII without blanks.'),
  ),
);

const isVlanId = (digits: string) => /^[1-9]\d{0,3}$/.test(digits) && Number(digits) <= 4_094;

/** The name of a firewall filter of a switch, as Filter-Id carries it. */
export const filterName = v.pipe(
  text(1, 253),
  v.check(
    (value) => /^[\x20-\x7e]+$/.test(value) && value === value.trim(),
    say('form', 'Give the name of the filter on the switch: printable ASCII, without blanks around it.'),
  ),
);

/** A JSON pointer (RFC 6901). */
export const jsonPointer = v.pipe(
  text(0, 255),
  v.check(
    isJsonPointer,
    say('form', 'Give a JSON pointer like /event or /endpoint/ip; in it "~" is written ~0, and "/" ~1.'),
  ),
);
