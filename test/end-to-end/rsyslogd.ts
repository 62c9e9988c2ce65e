/** A real rsyslog on this machine as a receiver of threat logs, with a configuration, ports and a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateFor } from '../support/certificates.ts';
import { isHere, untried } from '../support/programs.ts';

/** What is missing for these tests, and how to get it; `undefined`: nothing. In CI that is a failure. */
export function missing(): string | undefined {
  const hasTls = globSync('/usr/lib/{*/,}rsyslog/lmnsd_gtls.so').length > 0;
  const lacking = [...(isHere('rsyslogd') ? [] : ['rsyslogd']), ...(hasTls ? [] : ['its GnuTLS driver'])];
  return untried('Not held to a real rsyslog', lacking, 'As root: apt-get install rsyslog rsyslog-gnutls.');
}

/** Where it listens, and over what. */
export const inputs = { udp: 'udp', tcp: 'tcp', tls: 'tls', elsewhere: 'tcp' } as const;
export type Input = keyof typeof inputs;

export interface Rsyslog {
  readonly ports: Readonly<Record<Input, number>>;
  /** PEM; of the input with TLS. */
  readonly caCertificate: string;
  /** All that came in there so far, each line with a line feed behind it. */
  readonly written: (input: Input) => Buffer;
  /** As an operator ends it: it writes what it has. */
  readonly end: () => Promise<void>;
  /** Once more, at the same ports, writing on where it was. */
  readonly begin: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startRsyslog(address: string): Promise<Rsyslog> {
  const home = mkdtempSync(join(tmpdir(), 'postern-rsyslog-'));
  const file = (name: string) => join(home, name);
  const { cert, key } = await certificateFor(address, 'localhost');
  writeFileSync(file('cert.pem'), cert);
  writeFileSync(file('key.pem'), key, { mode: 0o600 });
  const ports = { udp: await freeUdpPort(address), tcp: await freeTcpPort(address), tls: await freeTcpPort(address), elsewhere: await freeTcpPort(address) }; // prettier-ignore
  writeFileSync(file('rsyslog.conf'), configuration(home, address, ports));
  let child = await running(home);
  return {
    ports,
    caCertificate: cert,
    written: (input) => contents(file(`${input}.log`)),
    end: async () => ended(child, 'SIGTERM'),
    async begin() {
      child = await running(home);
    },
    async stop() {
      await ended(child, 'SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/**
 * By itself it makes `#011` of a tab, drops a line feed at the end, cuts at 8 kB, and takes a line that begins with `z` for one
 * that is compressed: each has its switch. That a NUL becomes `#000` has none.
 */
const configuration = (home: string, address: string, ports: Rsyslog['ports']) => `
global(
  workDirectory="${home}"
  processInternalMessages="on"
  net.enableDNS="off"
  maxMessageSize="64k"
  parser.escapeControlCharactersOnReceive="off"
  parser.dropTrailingLFOnReception="off"
  parser.supportCompressionExtension="off"
)
module(load="imudp")
module(load="imtcp")
template(name="asItCame" type="string" string="%rawmsg%\\n")
${Object.entries(inputs)
  .map(
    ([name, transport]) => `
ruleset(name="${name}") { action(type="omfile" file="${home}/${name}.log" template="asItCame") }
input(
  type="${transport === 'udp' ? 'imudp' : 'imtcp'}" address="${address}" port="${ports[name as Input]}" ruleset="${name}"
  ${transport === 'tls' ? withTls(home) : ''}
)`,
  )
  .join('')}
action(type="omfile" file="${home}/own.log")
`;

const withTls = (home: string) =>
  `streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon" streamDriver.caFile="${home}/cert.pem" streamDriver.certFile="${home}/cert.pem" streamDriver.keyFile="${home}/key.pem"`;

/** Once it says that it has started; it listens by then, or has said why not. */
async function running(home: string): Promise<ChildProcess> {
  rmSync(join(home, 'own.log'), { force: true });
  const child = spawn('rsyslogd', ['-n', '-f', join(home, 'rsyslog.conf'), '-i', join(home, 'pid')], { stdio: ['ignore', 'pipe', 'pipe'] }); // prettier-ignore
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const log = () => said + contents(join(home, 'own.log')).toString();
  while (!/\] start$/m.test(log())) {
    if (hasEnded(child)) throw new Error(`rsyslog ended with ${child.exitCode}:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (/error|could not/i.test(log())) {
    await ended(child, 'SIGKILL');
    throw new Error(`rsyslog does not listen:\n${log()}`);
  }
  return child;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL') {
  const gone = once(child, 'exit');
  if (!hasEnded(child) && child.kill(signal)) await gone;
}

const contents = (file: string) => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));

async function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function freeTcpPort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
