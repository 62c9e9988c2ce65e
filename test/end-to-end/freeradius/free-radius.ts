/**
 * A real FreeRADIUS on this machine, set up as `docs/freeradius.md` says, with other ports and in a folder of its own; and
 * radclient, which plays the switch.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync, readdirSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isHere, untried } from '../../support/programs.ts';

const debian = '/etc/freeradius/3.0';
const shipped = fileURLToPath(new URL('../../../docs/freeradius', import.meta.url));
export const secret = 'a-long-random-secret';

/** What is missing for these tests, and how to get it; `undefined`: nothing. In CI that is a failure. */
export function missing(): string | undefined {
  const lacking = [
    ...['freeradius', 'radclient', 'eapol_test'].filter((name) => !isHere(name)),
    ...(isReadable() ? [] : [debian]),
  ];
  return untried('Not held to a real FreeRADIUS', lacking, 'As root: apt-get install freeradius freeradius-rest freeradius-utils eapoltest.'); // prettier-ignore
}

/** Debian keeps its configuration from everybody but root and the server itself. */
function isReadable(): boolean {
  try {
    readFileSync(join(debian, 'radiusd.conf'));
    readFileSync(join(debian, 'mods-available/rest'));
    return true;
  } catch {
    return false;
  }
}

export interface FreeRadius {
  /** On 127.0.0.1, where it takes logins and accounting. */
  readonly ports: { readonly auth: number; readonly acct: number };
  /** Its configuration; gone once it is stopped. */
  readonly folder: string;
  /** All that it has written until now, in its own words. */
  readonly log: () => string;
  readonly logIn: (attributes: Attributes, seconds?: number) => Promise<Reply>;
  readonly account: (attributes: Attributes, seconds?: number) => Promise<Reply>;
  /** By TTLS, with PAP inside. */
  readonly logInByTunnel: (login: TunnelledLogin, seconds?: number) => Promise<Reply>;
  readonly stop: () => Promise<void>;
}

export interface TunnelledLogin {
  readonly outer: string;
  readonly inner: string;
  readonly password: string;
  readonly mac: string;
  readonly nas: string;
}

export interface Setting {
  /** Where Postern is. */
  readonly url: string;
  /** Of a credential of role `radius`. */
  readonly token: string;
  /** Further virtual servers, by name: the text of each. */
  readonly sites?: Readonly<Record<string, string>>;
}

export async function startFreeRadius({ url, token, sites = {} }: Setting): Promise<FreeRadius> {
  const home = mkdtempSync(join(tmpdir(), 'postern-freeradius-'));
  const folder = join(home, '3.0');
  const ports = { auth: await freePort(), acct: await freePort() };
  install(folder, sites);
  listenOnly(folder, ports);
  keepTo(home, folder);
  const child = spawn('freeradius', ['-f', '-xx', '-l', 'stdout', '-d', folder], {
    env: { ...process.env, POSTERN_URL: url, POSTERN_TOKEN: token, TZ: 'Europe/Berlin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = await ready(child);
  return {
    ports,
    folder,
    log,
    logIn: async (attributes, seconds = 6) => radclient({ port: ports.auth, command: 'auth', attributes, seconds }),
    account: async (attributes, seconds = 6) => radclient({ port: ports.acct, command: 'acct', attributes, seconds }),
    logInByTunnel: async (login, seconds = 30) => tunnelled(join(home, 'supplicant.conf'), ports.auth, { login, seconds }), // prettier-ignore
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGKILL')) await gone;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The steps of the guide. */
function install(folder: string, sites: Readonly<Record<string, string>>) {
  cpSync(debian, folder, { recursive: true, verbatimSymlinks: true });
  for (const part of ['mods-available', 'policy.d', 'sites-available', 'clients.conf']) {
    cpSync(join(shipped, part), join(folder, part), { recursive: true });
  }
  const enabled = join(folder, 'sites-enabled');
  for (const site of readdirSync(enabled)) unlinkSync(join(enabled, site));
  symlinkSync('../sites-available/postern', join(enabled, 'postern'));
  symlinkSync('../sites-available/postern-inner-tunnel', join(enabled, 'inner-tunnel'));
  symlinkSync('../mods-available/postern', join(folder, 'mods-enabled/postern'));
  for (const [name, text] of Object.entries(sites)) writeFileSync(join(enabled, name), text);
}

/** On loopback alone and with loopback for its switch, so that nothing of this machine is in the way, nor it in theirs. */
function listenOnly(folder: string, { auth, acct }: FreeRadius['ports']) {
  const anywhere = /ipaddr = \*\n(\s*)port = 0/;
  const here = (port: number) => `ipaddr = 127.0.0.1\n$1port = ${port}`;
  edit(join(folder, 'sites-available/postern'), (text) =>
    text.replace(anywhere, here(auth)).replace(anywhere, here(acct)),
  );
  edit(join(folder, 'clients.conf'), (text) => text.replace('198.51.100.0/24', '127.0.0.1'));
  // A rejection is held back by a second, against guessing; no test needs to wait for it.
  edit(join(folder, 'radiusd.conf'), (text) => text.replace(/reject_delay = .*/, 'reject_delay = 0'));
}

/** Everything that it writes lies in the test's own folder, and it stays the user who started it. */
function keepTo(home: string, folder: string) {
  for (const name of ['log', 'run']) mkdirSync(join(home, name));
  edit(join(folder, 'radiusd.conf'), (text) =>
    text
      .replace(/^raddbdir = .*/m, `raddbdir = ${folder}`)
      .replace(/^logdir = .*/m, `logdir = ${join(home, 'log')}`)
      .replace(/^run_dir = .*/m, `run_dir = ${join(home, 'run')}`)
      .replace(/^\s*(?:user|group) = freerad$/gm, ''),
  );
}

const edit = (file: string, change: (text: string) => string) =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

async function ready(child: ChildProcess): Promise<() => string> {
  let written = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      written += chunk.toString();
      if (written.includes('Ready to process requests')) resolve(() => written);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`FreeRADIUS ended with ${code}:\n${written.slice(-4_000)}`)));
  });
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

export type Attributes = Readonly<Record<string, string | number>>;

export interface Reply {
  /** `silence`: none came. */
  readonly code: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Asked {
  readonly port: number;
  readonly command: 'auth' | 'acct' | 'coa' | 'disconnect';
  readonly attributes: Attributes;
  readonly seconds: number;
}

/** Sends one packet, once, as a switch would. */
export async function radclient({ port, command, attributes, seconds }: Asked): Promise<Reply> {
  const child = spawn('radclient', ['-x', '-r', '1', '-t', String(seconds), `127.0.0.1:${port}`, command, secret]);
  const written = outputOf(child);
  child.stdin.end(Object.entries(attributes).filter(([, value]) => value !== '').map(([name, value]) => `${name} = ${quoted(value)}\n`).join('')); // prettier-ignore
  return replyIn(await written);
}

const quoted = (value: string | number) => (typeof value === 'number' || /^(?:0x|\d+\.)/.test(value) ? String(value) : JSON.stringify(value)); // prettier-ignore

/** `Received Access-Accept Id ...`, and a line for each attribute, with a tag where it may have one. */
export function replyIn(written: string): Reply {
  const [, code, rest = ''] = /^Received ([\w-]+) Id .*\n((?:\t.*\n?)*)/m.exec(written) ?? [];
  if (code === undefined) {
    if (written.includes('No reply from server')) return { code: 'silence', attributes: {} };
    throw new Error(`radclient says: ${written.slice(-1_000)}`);
  }
  const lines = [...rest.matchAll(/^\t([\w-]+)(?::\d+)? = (.*)$/gm)];
  return { code, attributes: Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value.replace(/^"(.*)"$/, '$1')])) }; // prettier-ignore
}

/** As a supplicant and its switch together. The tunnel's own certificate is not under test. */
async function tunnelled(
  file: string,
  port: number,
  { login: { outer, inner, password, mac, nas }, seconds }: { login: TunnelledLogin; seconds: number },
): Promise<Reply> {
  const network = { key_mgmt: 'IEEE8021X', eap: 'TTLS', identity: `"${inner}"`, anonymous_identity: `"${outer}"`, password: `"${password}"`, phase2: '"auth=PAP"' }; // prettier-ignore
  const settings = Object.entries(network).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, `network={\n${settings.join('')}}\n`);
  const nasInHex = Buffer.from(nas.split('.').map(Number)).toString('hex');
  const child = spawn('eapol_test', ['-c', file, '-a', '127.0.0.1', '-p', String(port), '-s', secret, '-M', mac, '-N', `4:x:${nasInHex}`, '-t', String(seconds)]); // prettier-ignore
  const written = await outputOf(child);
  const last = [...written.matchAll(/RADIUS message: code=[23] \((Access-\w+)\)/g)].at(-1);
  if (last === undefined) return { code: 'silence', attributes: {} };
  const attributes = written.slice(last.index).matchAll(/Attribute \d+ \(([\w-]+)\).*\n\s*Value: '?(.*?)'?\n/g);
  return { code: last[1] ?? '', attributes: Object.fromEntries([...attributes].map(([, name = '', value = '']) => [name, value])) }; // prettier-ignore
}

async function outputOf(child: ChildProcess): Promise<string> {
  let written = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return written;
}
