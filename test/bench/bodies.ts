/** The bodies that are measured: as large as a post may be, and in the forms that shipping clients send. */

/** What the service takes at most: 2 MB. */
export const maxBytes = 2_097_152;

/** As many full entries as a post holds. */
export const fullEntries = 3_000;

/** Users with all that ClearPass knows of them, one at each address; the same ones every time, at the instant given. */
export function logons(at: number): Buffer {
  const instants = Array.from({ length: fullEntries }, (_, index) => instantText(at, index));
  return body(instants.map((instant, index) => logon(instant, index)));
}

const logon = (instant: string, index: number) =>
  `<userfw-entry><source>Aruba ClearPass</source><timestamp>${instant}</timestamp><operation>logon</operation>` +
  `<IP>${addressOf(index)}</IP><domain>example.com</domain><user>Person${index}</user><role-list>` +
  `<role>[User Authenticated]</role><role>Staff</role><role>Floor ${index % 12}</role></role-list>` +
  `<posture>Healthy</posture><end-user-attribute><device-identity><value>NB-${index}</value><groups>` +
  `<group>Notebooks</group></groups></device-identity><device-category>Computer</device-category>` +
  `<device-vendor>Dell</device-vendor><device-model>XPS</device-model><device-os>Windows</device-os>` +
  `<device-os-version>11</device-os-version><MAC-Address>${macOf(index)}</MAC-Address></end-user-attribute></userfw-entry>`;

/** As many bare logoffs as a post holds. */
export const bareLogoffEntries = 27_000;

/** The shortest form that a logoff can have: it ends whoever is at an address. */
export function bareLogoffs(): Buffer {
  const logoff = (index: number) =>
    `<userfw-entry><operation>logoff</operation><IP>${addressOf(index)}</IP></userfw-entry>`;
  return body(Array.from({ length: bareLogoffEntries }, (_, index) => logoff(index)));
}

/** Microseconds, as the vendor's own examples have them. */
const instantText = (at: number, index: number) =>
  new Date(at).toISOString().replace('Z', `${String(index % 1_000).padStart(3, '0')}Z`);

const addressOf = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;

const macOf = (index: number) => `00-1a-2b-00-${hex(index >> 8)}-${hex(index & 255)}`;
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

function body(entries: readonly string[]): Buffer {
  const bytes = Buffer.from(`<?xml version="1.0"?>\n<userfw-entries>${entries.join('')}</userfw-entries>\n`);
  if (bytes.length > maxBytes) throw new Error(`A body has ${bytes.length} bytes: more than a post may have.`);
  return bytes;
}
