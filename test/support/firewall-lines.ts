/**
 * Lines as SRX firewalls write them, with the keys of each tag in the vendor's order. What they say is made up: the
 * addresses are of networks for documentation.
 */
import type { ThreatTag } from '../../shared/threat-logs/threat-tag.ts';

/** What differs from one line of a tag to the next. */
export interface Happening {
  readonly time: string;
  readonly firewall: string;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly user: string;
  /** Of the session, of bytes, of whatever is counted. */
  readonly number: number;
}

export const happening: Happening = {
  time: '2026-03-01T12:00:00.362+01:00',
  firewall: 'srx-1',
  source: '192.0.2.20',
  sourcePort: 32_796,
  destination: '198.51.100.7',
  destinationPort: 443,
  user: 'EXAMPLE\\alice',
  number: 16_297,
};

interface Written {
  readonly priority: number;
  readonly application: string;
  readonly says: (told: Happening) => string;
}

const screen = (says: Written['says']): Written => ({ priority: 11, application: 'RT_IDS', says });
const idp = (says: Written['says']): Written => ({ priority: 165, application: 'RT_IDP', says });
const utm = (says: Written['says']): Written => ({ priority: 14, application: 'RT_UTM', says });
const flow = (says: Written['says']): Written => ({ priority: 14, application: 'RT_FLOW', says });
const advanced = (says: Written['says']): Written => ({ priority: 14, application: 'RT_AAMW', says });

const from = ({ source, sourcePort }: Happening) => `source-address="${source}" source-port="${sourcePort}"`;
const to = ({ destination, destinationPort }: Happening) =>
  `destination-address="${destination}" destination-port="${destinationPort}"`;
const zones = 'source-zone="trust" destination-zone="untrust"';
const seenBy = 'source-zone-name="untrust" interface-name="ge-0/0/1.0"';

/** Those that go on to ClearPass. */
export const threats: Readonly<Record<ThreatTag, Written>> = {
  RT_SCREEN_ICMP: screen(({ source, destination }) => `attack-name="ICMP fragment!" source-address="${source}" destination-address="${destination}" ${seenBy} action="drop"`), // prettier-ignore
  RT_SCREEN_IP: screen(({ source, destination }) => `attack-name="Record Route IP option!" source-address="${source}" destination-address="${destination}" protocol-id="1" ${seenBy} action="drop"`), // prettier-ignore
  RT_SCREEN_TCP: screen((told) => `attack-name="TCP port scan!" ${from(told)} ${to(told)} ${seenBy} action="drop"`),
  RT_SCREEN_TCP_DST_IP: screen(({ destination }) => `attack-name="SYN flood!" destination-address="${destination}" ${seenBy} action="alarm-without-drop"`), // prettier-ignore
  RT_SCREEN_TCP_SRC_IP: screen(({ source }) => `attack-name="SYN flood!" source-address="${source}" ${seenBy} action="alarm-without-drop"`), // prettier-ignore
  RT_SCREEN_UDP: screen((told) => `attack-name="UDP flood!" ${from(told)} ${to(told)} ${seenBy} action="drop"`),
  AV_VIRUS_DETECTED_MT: utm((told) => `${from(told)} ${to(told)} source-zone-name="untrust" filename="C:\\Users\\${told.user}\\Downloads\\invoice[1\\].exe" temporary-filename="files.example.net/invoice-${told.number}.exe" name="EICAR-Test-File" url="files.example.net/invoice-${told.number}.exe"`), // prettier-ignore
  ANTISPAM_SPAM_DETECTED_MT: utm(({ source, user, number }) => `${zones} source-name="mail-${number}.example.net" source-address="${source}" profile-name="antispam-1" action="drop" reason="Match local blacklist" username="${user}" roles="N/A"`), // prettier-ignore
  IDP_APPDDOS_APP_ATTACK_EVENT: idp((told) => `epoch-time="1772362800" ddos-application-name="Webserver" source-zone-name="trust" source-interface-name="reth1.0" ${from(told)} destination-zone-name="untrust" destination-interface-name="reth0.0" ${to(told)} protocol-name="TCP" service-name="HTTP" rule-name="1" ruleebase-name="DDOS" policy-name="AppDoS-Webserver" repeat-count="0" action="NONE" threat-severity="INFO" connection-hit-rate="30" context-name="http-get-url" context-hit-rate="${told.number}" context-value-hit-rate="0" time-scope="PEER" time-count="3" time-period="60" context-value="N/A"`), // prettier-ignore
  IDP_APPDDOS_APP_STATE_EVENT: idp((told) => `epoch-time="1772362800" ddos-application-name="Webserver" destination-zone-name="untrust" destination-interface-name="reth0.0" ${to(told)} protocol-name="TCP" service-name="HTTP" rule-name="1" rulebase-name="DDOS" policy-name="AppDoS-Webserver" repeat-count="0" message="Connection rate exceeded limit ${told.number}" context-value="N/A"`), // prettier-ignore
  IDP_ATTACK_LOG_EVENT: idp((told) => `epoch-time="1772362800" message-type="SIG" ${from(told)} ${to(told)} protocol-name="TCP" service-name="SERVICE_IDP" application-name="HTTP" rule-name="9" rulebase-name="IPS" policy-name="Recommended" export-id="${told.number}" repeat-count="0" action="DROP" threat-severity="HIGH" attack-name="HTTP:MISC:GENERIC-DIR-TRAVERSAL" nat-source-address="0.0.0.0" nat-source-port="0" nat-destination-address="203.0.113.9" nat-destination-port="0" elapsed-time="0" inbound-bytes="0" outbound-bytes="0" inbound-packets="0" outbound-packets="0" source-zone-name="trust" source-interface-name="reth1.24" destination-zone-name="untrust" destination-interface-name="reth2.21" packet-log-id="0" alert="no" username="${told.user}" roles="N/A" message="-"`), // prettier-ignore
};

const session = ({ destination, ...told }: Happening) =>
  `${from({ destination, ...told })} ${to({ destination, ...told })} connection-tag="0" service-name="junos-https" nat-source-address="203.0.113.40" nat-source-port="${told.sourcePort}" nat-destination-address="${destination}" nat-destination-port="${told.destinationPort}" nat-connection-tag="0" src-nat-rule-type="source rule" src-nat-rule-name="to-the-internet" dst-nat-rule-type="N/A" dst-nat-rule-name="N/A" protocol-id="6" policy-name="staff-web" source-zone-name="trust" destination-zone-name="untrust" session-id-32="${told.number}"`; // prettier-ignore
const over = ({ number }: Happening) =>
  `packets-from-client="12" bytes-from-client="${number}" packets-from-server="10" bytes-from-server="${number * 7}" elapsed-time="3"`;
const seen = ({ user }: Happening) =>
  `application="SSL" nested-application="UNKNOWN" username="${user}" roles="N/A" packet-incoming-interface="ge-0/0/0.0" encrypted="Yes"`;
const webFilter = (reason: string) =>
  utm((told) => `${zones} ${from(told)} ${to(told)} session-id="${told.number}" application="UNKNOWN" nested-application="UNKNOWN" category="Enhanced_Information_Technology" reason="${reason}" profile="web-filter-1" url="www-${told.number}.example.com" obj="/" username="${told.user}" roles="N/A" application-sub-category="N/A" urlcategory-risk="0"`); // prettier-ignore

/** Those that stay behind, though a firewall writes them. */
export const others = {
  RT_FLOW_SESSION_CREATE: flow((told) => `${session(told)} ${seen(told)}`),
  RT_FLOW_SESSION_CLOSE: flow((told) => `reason="TCP FIN" ${session(told)} ${over(told)} ${seen(told)}`),
  RT_FLOW_SESSION_DENY: flow((told) => `${from(told)} ${to(told)} connection-tag="0" service-name="junos-https" protocol-id="6" icmp-type="0" policy-name="default-deny" source-zone-name="trust" destination-zone-name="untrust" ${seen(told)} reason="Denied by policy" session-id-32="${told.number}"`), // prettier-ignore
  RT_FLOW_SESSION_CLOSE_LS: flow((told) => `logical-system-name="lsys-1" reason="TCP FIN" ${session(told)} ${over(told)} ${seen(told)}`), // prettier-ignore
  APPTRACK_SESSION_CREATE: flow((told) => `${session(told)} ${seen(told)}`),
  APPTRACK_SESSION_CLOSE: flow((told) => `reason="TCP CLIENT RST" ${session(told)} ${over(told)} ${seen(told)}`),
  APPTRACK_SESSION_VOL_UPDATE: flow((told) => `${session(told)} ${over(told)} ${seen(told)}`),
  WEBFILTER_URL_BLOCKED: webFilter('BY_BLACK_LIST'),
  WEBFILTER_URL_BLOCKED_LS: webFilter('BY_BLACK_LIST'),
  WEBFILTER_URL_PERMITTED: webFilter('BY_SITE_REPUTATION_MODERATELY_SAFE'),
  CONTENT_FILTERING_BLOCKED_MT: utm((told) => `${zones} protocol="http" ${from(told)} ${to(told)} profile-name="content-1" action="drop" reason="blocked due to file extension block list" username="${told.user}" roles="N/A" filename="run.cmd"`), // prettier-ignore
  AV_SCANNER_DROP_FILE_MT: utm((told) => `${from(told)} ${to(told)} filename="www.example.com/" error-code="14" error-message="scan engine is not ready"`), // prettier-ignore
  AV_HUGE_FILE_DROPPED_MT: utm((told) => `${from(told)} ${to(told)} filename="files.example.net/image.iso"`),
  AV_FILE_NOT_SCANNED_DROPPED_MT: utm((told) => `${zones} ${from(told)} ${to(told)} profile-name="antivirus-1" filename="files.example.net/image.iso" action="BLOCKED" reason="exceeding maximum content size" error-code="7" username="${told.user}" roles="N/A"`), // prettier-ignore
  ANTISPAM_SPAM_DETECTED: utm(({ source }) => `source-name="N/A" source-address="${source}" action="drop"`),
  SECINTEL_ACTION_LOG: { ...utm((told) => `category="secintel" sub-category="CC" action="BLOCK" action-detail="DROP" http-host="N/A" threat-severity="10" ${from(told)} ${to(told)} protocol-id="6" application="N/A" nested-application="N/A" feed-name="cc_ip_data" policy-name="cc_policy" profile-name="cc_profile" username="${told.user}" roles="N/A" session-id-32="${told.number}" source-zone-name="trust" destination-zone-name="untrust"`), application: 'RT_SECINTEL' }, // prettier-ignore
  AAMW_ACTION_LOG: advanced((told) => `hostname="notebook" file-category="executable" verdict-number="10" malware-info="Testfile" action="PERMIT" list-hit="N/A" file-hash-lookup="FALSE" ${from(told)} ${to(told)} username="${told.user}"`), // prettier-ignore
  AAMW_HOST_INFECTED_EVENT_LOG: advanced(({ source }) => `timestamp="Sun Mar 1 11:00:00 2026" tenant-id="ABC" client-ip-str="${source}" hostname="notebook" status="in_progress" policy-name="default" verdict-number="10" state="added" reason="malware" message="malware analysis detected host downloaded a malicious file"`), // prettier-ignore
  IDP_SESSION_LOG_EVENT: idp((told) => `${from(told)} ${to(told)} protocol-name="TCP" session-id="${told.number}"`),
  IDP_PACKET_CAPTURE_LOG_EVENT: idp((told) => `${from(told)} ${to(told)} packet-log-id="${told.number}"`),
  RT_SCREEN_SESSION_LIMIT: screen(({ source }) => `attack-name="Src IP session limit!" source-address="${source}" ${seenBy} action="drop"`), // prettier-ignore
  RT_SCREEN_WHITE_LIST: screen((told) => `attack-name="SYN flood!" ${from(told)} ${to(told)} ${seenBy} action="none"`),
} as const satisfies Readonly<Record<string, Written>>;

export type OtherTag = keyof typeof others;

/** `named`: the tag that stands there, where it is another. */
export function firewallLine(
  tag: ThreatTag | OtherTag,
  told: Partial<Happening> = {},
  named: string = tag,
  element = 'junos@2636.1.1.1.2.129',
): string {
  const { priority, application, says } = { ...threats, ...others }[tag];
  const all = { ...happening, ...told };
  return `<${priority}>1 ${all.time} ${all.firewall} ${application} - ${named} [${element} ${says(all)}]`;
}
