/** MAC addresses: stored as `00:11:22:33:ca:fe`, read in every form that switches and people write. */
import { ServiceError } from '../service-error.ts';

export type Mac = string & { readonly brand: 'Mac' };

export type ReadMac =
  | { readonly mac: Mac; readonly problem?: never }
  /** What is wrong with the text, and how to mend it. */
  | { readonly mac?: never; readonly problem: string };

/** Throws `mac-invalid`. */
export function macAddress(text: string): Mac {
  const { mac, problem } = readMac(text);
  if (mac === undefined) throw new ServiceError('mac-invalid', problem);
  return mac;
}

/** Twelve hex digits with `-`, `:`, `.` or nothing between, in any case; what follows (`:SSID`) is cut. */
export function readMac(text: string): ReadMac {
  const [, digits] = forms.exec(text.trim()) ?? [];
  const hex = digits?.replace(/[-:.]/g, '').toLowerCase();
  if (hex === undefined) {
    const shown = text.slice(0, 64);
    return { problem: `"${shown}" is not a MAC address. Write twelve hex digits, like 00:11:22:33:ca:fe.` };
  }
  if (/^0+$/.test(hex)) return { problem: 'The MAC address is zero, which no device has. Send the device’s own.' };
  if (Number.parseInt(hex.slice(0, 2), 16) & 1) {
    return { problem: `${text.slice(0, 64)} is a multicast address, which no device has. Send the device’s own.` };
  }
  return { mac: (hex.match(/../g) ?? []).join(':') as Mac };
}

const pairs = (separator: string) => `(?:[\\da-f]{2}${separator}){5}[\\da-f]{2}`;
const forms = new RegExp(
  `^(${pairs('-')}|${pairs(':')}|(?:[\\da-f]{4}\\.){2}[\\da-f]{4}|[\\da-f]{12})(?:[^\\da-f].*)?$`,
  'i',
);

/** Locally administered: the device made it up, and may make up another one. */
export const isRandomised = (mac: Mac) => (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;

/** As switches write it in Calling-Station-Id: `00-11-22-33-CA-FE`. */
export const stationIdOf = (mac: Mac) => mac.replaceAll(':', '-').toUpperCase();
