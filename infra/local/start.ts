/** The whole service on this machine, from its synthesised template to a tenant to try it with. */
import {
  accessSync,
  constants,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { startAtpCloud } from '../../test/simulators/atp-cloud.ts';
import { startClearPass } from '../../test/simulators/clearpass.ts';
import { startIse } from '../../test/simulators/ise.ts';
import { startJims } from '../../test/simulators/jims.ts';
import { startPps } from '../../test/simulators/pps.ts';
import { startSwitch, type Switch } from '../../test/simulators/switch.ts';
import { startWatchedSyslog } from '../../test/simulators/watched-syslog.ts';
import { startWebhookReceiver } from '../../test/simulators/webhook-receiver.ts';
import { CannotStart } from './cannot-start.ts';
import { type Certificate, certificateIn, ownCertificate, ownFiles } from './certificate.ts';
import { freePort } from './http-server.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { type Sandbox, seedSandbox } from './sandbox.ts';
import { synthesise } from './synthesise.ts';

const folder = resolve('.postern');
const sandboxFile = join(folder, 'sandbox.json');
const logFile = join(folder, 'functions.log');

/** Runs until a signal ends it. What keeps it from starting is said in one line, and the exit code is 1. */
async function start(): Promise<void> {
  let runtime: Runtime | undefined;
  let simulators: Simulators | undefined;
  let device: Switch | undefined;
  const end = () => {
    clearInterval(watch);
    setTimeout(() => process.exit(1), 5_000).unref(); // nothing may keep a service alive that was told to end
    void Promise.all([runtime?.stop(), stopAll(simulators), device?.stop()]).then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  // npm ends at once when it is told to and does not tell us; then nobody is left who would end us.
  const npm = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;
  const watch = setInterval(() => npm !== undefined && npm !== process.ppid && end(), 250).unref();
  process.env.TZ = 'UTC'; // as on Lambda

  try {
    // What is wrong with the settings is found before the work, not after it.
    const port = portOf('POSTERN_PORT') ?? 8080;
    await freePort(port);
    const dataFolder = dataFolderOf(process.env.POSTERN_DATA);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const named = namedFiles(process.env);
    const certificate = named ? certificateIn(named) : await ownCertificate(folder);
    const tls = { port: await tlsPort(certificate), certificate };
    const took = stopwatch();

    // Of its own, as the bundles in it are loaded all the time and another start may be running beside this one.
    const assembly = mkdtempSync(join(tmpdir(), 'postern-assembly-'));
    process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
    await synthesise(assembly);
    took('template and bundles');

    rmSync(logFile, { force: true }); // another start may be writing to it: that one keeps its file, without a name
    const log = createWriteStream(logFile, { mode: 0o600 });
    runtime = await startRuntime({
      assembly,
      port,
      tls,
      dataFolder,
      idleMs: 60_000, // a worker costs more memory here than on AWS
      log: (line) => log.write(`${line}\n`),
    });
    took('engine, tables and API');

    simulators = await startSimulators();
    simulators.clearpass.setEndpoint(tablet, {
      ip: tablet,
      user: 'ben',
      domain: 'acme',
      roles: ['staff'],
      is_online: true,
    });
    // The sandbox's core switch has its usual port. Where another start has it too, the switch is that one's.
    device = await startSwitch({ secret: 'testing123', port: 3799, knows: 'everybody' }).catch(() => undefined);
    const earlier =
      dataFolder !== undefined && existsSync(sandboxFile)
        ? (JSON.parse(readFileSync(sandboxFile, 'utf8')) as Sandbox)
        : undefined;
    const sandbox = await seedSandbox({
      ...runtime,
      clearPass: simulators.clearpass,
      jims: simulators.jims,
      syslog: simulators.syslog,
      others: simulators,
      earlier,
    });
    const told = { ...sandbox, eventsUrl: runtime.endpoints.events };
    writeFileSync(sandboxFile, `${JSON.stringify(told, null, 2)}\n`, { mode: 0o600 });
    took('sandbox tenant');
    console.log(welcome(sandbox, took(''), (named ?? ownFiles(folder)).cert));
  } catch (error) {
    await Promise.all([runtime?.stop(), stopAll(simulators), device?.stop()]);
    console.error(error instanceof CannotStart ? error.message : error);
    process.exit(1);
  }
}

type Simulators = Awaited<ReturnType<typeof startSimulators>>;

/** Other products, by the names that they have in the sandbox's file. */
async function startSimulators() {
  const [clearpass, jims, atpCloud, pps, ise, webhook, syslog] = await Promise.all([
    startClearPass(),
    startJims(),
    startAtpCloud({ tokens: ['what the simulator takes'] }),
    startPps(),
    startIse(),
    startWebhookReceiver(),
    startWatchedSyslog(),
  ]);
  return { clearpass, jims, atpCloud, pps, ise, webhook, syslog };
}

const stopAll = async (simulators: Simulators | undefined) =>
  Promise.all(Object.values(simulators ?? {}).map(async (each) => each.stop()));

function portOf(name: 'POSTERN_PORT' | 'POSTERN_TLS_PORT'): number | undefined {
  const text = process.env[name];
  const port = Number(text);
  if (text === undefined) return undefined;
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CannotStart(`${name} is "${text}". Say a port from 1 to 65535.`);
}

/** A port that was asked for must be free. The usual one may be another start's: then any will do, and it is told. */
async function tlsPort(certificate: Certificate): Promise<number> {
  const wanted = portOf('POSTERN_TLS_PORT');
  return wanted === undefined ? freePort(8443).catch(() => 0) : freePort(wanted, { certificate });
}

function namedFiles({ POSTERN_TLS_CERT: cert = '', POSTERN_TLS_KEY: key = '' }: NodeJS.ProcessEnv) {
  if (cert !== '' && key !== '') return { cert, key };
  if (cert === '' && key === '') return undefined;
  throw new CannotStart('POSTERN_TLS_CERT and POSTERN_TLS_KEY go together. Name both files, or neither.');
}

function dataFolderOf(text = ''): string | undefined {
  if (text === '') return undefined;
  const data = resolve(text);
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    accessSync(data, constants.W_OK);
    return data;
  } catch (error) {
    throw new CannotStart(`POSTERN_DATA is "${text}", which is no folder to write to: ${String(error)}. Name another.`);
  }
}

/** Notes how long each step took, and tells all of them. */
function stopwatch(): (step: string) => string {
  const beganAt = performance.now();
  const steps: string[] = [];
  let lastAt = beganAt;
  const seconds = (from: number) => `${((performance.now() - from) / 1_000).toFixed(1)} s`;
  return (step) => {
    if (step !== '') steps.push(`${step} ${seconds(lastAt)}`);
    lastAt = performance.now();
    return `${seconds(beganAt)} (${steps.join(', ')})`;
  };
}

const example = '192.0.2.10';
const tablet = '192.0.2.20'; // of which only ClearPass knows

const logon = `<userfw-entries><userfw-entry><operation>logon</operation><IP>${example}</IP><domain>acme</domain><user>ann</user><role-list><role>staff</role></role-list></userfw-entry></userfw-entries>`;

const question = JSON.stringify({
  flows: [
    { sourceIp: tablet, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust' },
  ],
});

function welcome({ url, tlsUrl, tenant, credentials }: Sandbox, took: string, certificateFile: string): string {
  const { user, password } = credentials['web-api'];
  const shown = Object.entries(credentials).map(
    ([role, credential]) =>
      `  ${role.padEnd(18)} ${'token' in credential ? `token ${credential.token}` : `user ${credential.user}, password ${credential.password}`}`,
  );
  return `Postern is ready at ${url} in ${took}.

Tenant ${tenant}, and the provider; the same in ${relative(process.cwd(), sandboxFile)}:
${shown.join('\n')}

Tell it who is where, as ClearPass does:

  curl -u '${user}:${password}' -d '${logon}' ${url}/api/userfw/v1/post-entry

Look it up, as a firewall does:

  curl -H 'Authorization: Bearer ${credentials['enforcement-point'].token}' ${url}/v1/entries/${example}

Decide about a flow of somebody whom nobody posted, twice: the first answer denies it and has ClearPass (a simulator) asked.

  curl -H 'Authorization: Bearer ${credentials['enforcement-point'].token}' -d '${question}' ${url}/v1/decisions

For clients that speak only HTTPS, all of it is at ${tlsUrl} too; let them trust ${relative(process.cwd(), certificateFile)}.
What the functions log is in ${relative(process.cwd(), logFile)}. Ctrl-C ends it all.`;
}

await start();
