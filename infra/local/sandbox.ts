/**
 * The tenant to try things with: `acme`, with a credential for every role and a configuration that makes its answers
 * mean something. Where the data of an earlier run was kept, what is there stays, and only lost secrets are replaced.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Role, roles } from '../../shared/contract.ts';
import { all, type Api, apiAt, basic, bearer, type ToldCredential, wanted } from '../tenant-api.ts';
import { issueProviderCredential } from '../tenant.ts';
import { localUser, sandboxSetUp } from './sandbox-set-up.ts';

export interface UserAndPassword {
  readonly user: string;
  readonly password: string;
}

export interface Token {
  readonly token: string;
}

type BasicRole = 'web-api' | 'threat-sender';

export type SandboxCredentials = Readonly<Record<BasicRole, UserAndPassword> & Record<Exclude<Role, BasicRole>, Token>>;

/** What any script needs to find its way; written to `.postern/sandbox.json`. */
export interface Sandbox {
  readonly url: string;
  /** The same over HTTPS, where it is served. */
  readonly tlsUrl?: string;
  readonly tenant: string;
  readonly credentials: SandboxCredentials;
  /** Who logs in at the switch of the branch, 127.0.0.2, by RADIUS. */
  readonly localUser: UserAndPassword;
  /** Where scripts tell the simulators of other products what to answer, and how to behave. */
  readonly simulators: Readonly<Partial<Record<SimulatorName, { readonly url: string }>>> & {
    readonly syslog?: LogReceiver;
  };
}

export const simulatorNames = ['clearpass', 'jims', 'atpCloud', 'pps', 'ise', 'webhook', 'syslog'] as const;
export type SimulatorName = (typeof simulatorNames)[number];

/** A simulated ClearPass: where scripts tell it what to answer, and where it is asked. */
export interface ClearPassToAsk {
  readonly url: string;
  readonly server: { readonly address: string; readonly port: number };
}

/** A simulated JIMS, which is asked over TLS alone. */
export interface JimsToAsk {
  readonly url: string;
  readonly tlsServer: { readonly address: string; readonly port: number };
  readonly caCertificate: string;
}

/** Takes threat logs over TCP, as ClearPass would; `url` shows them. */
export interface LogReceiver {
  readonly url: string;
  readonly server: { readonly address: string; readonly port: number };
}

export interface Seed {
  readonly url: string;
  readonly tlsUrl?: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** The variables that point an SDK at the running engines. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asked about whoever nobody told of; without it nobody is asked. */
  readonly clearPass?: ClearPassToAsk;
  /** Stands in the configuration, switched off: `identityManagement.enabled` has it asked too. */
  readonly jims?: JimsToAsk;
  /** Without it threat logs go nowhere. */
  readonly syslog?: LogReceiver;
  /** Those that stand in no configuration yet: whoever tries connectors and feeds names them there. */
  readonly others?: Sandbox['simulators'];
  /** The sandbox of the run whose data was kept: its secrets are used again where they still open. */
  readonly earlier?: (Pick<Sandbox, 'credentials'> & Partial<Pick<Sandbox, 'simulators'>>) | undefined;
}

const tenant = 'acme';

export async function seedSandbox({
  url,
  tlsUrl,
  outputs,
  environment,
  clearPass,
  jims,
  syslog,
  others,
  earlier,
}: Seed): Promise<Sandbox> {
  const opens = async (role: Role) => {
    const secret = earlier?.credentials[role];
    if (secret === undefined) return undefined;
    const { status } = await apiAt(url, authorizationOf(secret))('GET /v1/health');
    return status === 200 ? secret : undefined;
  };
  const provider = (await opens('provider')) ?? (await firstProvider(outputs, environment));
  const api = apiAt(url, authorizationOf(provider));
  const made = await credentialsOf(api, async (role) => (await opens(role)) !== undefined);
  const credentials = { ...earlier?.credentials, ...made, provider } as SandboxCredentials;
  const before = earlier?.simulators?.syslog?.server;
  await configure(apiAt(url, authorizationOf(credentials.operator)), { clearPass, jims, syslog }, before);
  const running: Sandbox['simulators'] = {
    ...others,
    ...(clearPass && { clearpass: clearPass }),
    ...(jims && { jims }),
  };
  const simulators = {
    ...Object.fromEntries(
      simulatorNames.flatMap((name) => (running[name] ? [[name, { url: running[name].url }]] : [])),
    ),
    ...(syslog && { syslog: { url: syslog.url, server: syslog.server } }),
  };
  return { url, ...(tlsUrl !== undefined && { tlsUrl }), tenant, credentials, localUser, simulators };
}

async function firstProvider(outputs: Seed['outputs'], environment: Seed['environment']): Promise<Token> {
  const client = new DynamoDBClient({
    endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const { token } = await issueProviderCredential(client, outputs.TenantsTableName ?? '', 'sandbox');
  client.destroy();
  return { token };
}

/** Secrets for the roles whose earlier ones do not open: of a new tenant all, of one that was kept those that were lost. */
async function credentialsOf(api: Api, opens: (role: Role) => Promise<boolean>) {
  const created = await api('POST /v1/tenants', { id: tenant, name: 'Acme' });
  if (created.status !== 409) {
    const { credentials } = await wanted<{ credentials: ToldCredential[] }>(Promise.resolve(created));
    return secretsByRole(credentials);
  }
  const there = await all<ToldCredential>(api, `/v1/tenants/${tenant}/credentials`);
  const replaced: ToldCredential[] = [];
  for (const role of roles.filter((each) => each !== 'provider')) {
    if (await opens(role)) continue;
    const lost = there.find((each) => each.role === role && each.revokedAt === null && each.expiresAt === null);
    const path = `/v1/tenants/${tenant}/credentials` as const;
    replaced.push(await wanted(lost ? api(`POST ${path}/${lost.id}/rotate`) : api(`POST ${path}`, { role })));
  }
  return secretsByRole(replaced);
}

const secretsByRole = (credentials: readonly ToldCredential[]) =>
  Object.fromEntries(
    credentials.map(({ role, user, password = '', token = '' }) => [
      role,
      user === undefined ? { token } : { user, password },
    ]),
  );

const authorizationOf = (secret: UserAndPassword | Token) =>
  'token' in secret ? bearer(secret.token) : basic(secret.user, secret.password);

type Simulators = { readonly [Name in 'clearPass' | 'jims' | 'syslog']?: Seed[Name] | undefined };

/**
 * Only where nothing was set: what somebody changed in the sandbox stays changed, but for the simulators' new ports. `before`
 * is where the log receiver of the run was whose data was kept.
 */
async function configure(api: Api, simulators: Simulators, before: LogReceiver['server'] | undefined) {
  const { headers, body } = await api('GET /v1/configuration');
  if (headers.get('etag') === '"none"') await wanted(api('PUT /v1/configuration', sandboxConfiguration(simulators)));
  else await movePorts(api, body as Configured, simulators, before);
}

interface Configured {
  readonly clearpass: { readonly userQuery: { readonly server: { readonly name: string } } };
  readonly identityManagement: { readonly primary: { readonly clientId: string } };
  readonly threatLogs: { readonly destination: LogReceiver['server'] };
}

const simulator = 'simulator';

async function movePorts(
  api: Api,
  configured: Configured,
  { clearPass, jims, syslog }: Simulators,
  before: LogReceiver['server'] | undefined,
) {
  const { clearpass, identityManagement, threatLogs } = configured;
  const { userQuery } = clearpass;
  const { primary } = identityManagement;
  const isAsked = clearPass !== undefined && userQuery.server.name === simulator;
  const isKnown = jims !== undefined && primary.clientId === simulator;
  const { destination } = threatLogs;
  const isToldOf = syslog !== undefined && destination.address === before?.address && destination.port === before.port;
  if (!isAsked && !isKnown && !isToldOf) return;
  await wanted(
    api('PUT /v1/configuration', {
      ...configured,
      ...(isAsked && {
        clearpass: { ...clearpass, userQuery: { ...userQuery, server: { ...userQuery.server, ...clearPass.server } } },
      }),
      ...(isKnown && {
        identityManagement: {
          ...identityManagement,
          port: jims.tlsServer.port,
          primary: { ...primary, address: jims.tlsServer.address, caCertificate: jims.caCertificate },
        },
      }),
      ...(isToldOf && { threatLogs: { ...threatLogs, destination: { ...destination, ...syslog.server } } }),
    }),
  );
}

/** What the sandbox's tenant has set, with the simulators that there are. */
export const sandboxConfiguration = ({ clearPass, jims, syslog }: Simulators) => ({
  clearpass: {
    entryTimeout: 30,
    invalidEntryTimeout: 30,
    ...(clearPass && {
      userQuery: {
        enabled: true,
        server: { name: simulator, connectMethod: 'http', ...clearPass.server },
        clientId: 'postern',
        clientSecret: 'what the simulator takes',
        delayQueryTime: 1,
      },
    }),
  },
  ...(jims && {
    identityManagement: {
      enabled: false,
      primary: {
        address: jims.tlsServer.address,
        clientId: simulator,
        clientSecret: 'what the simulator takes',
        caCertificate: jims.caCertificate,
      },
      port: jims.tlsServer.port,
      ipQuery: { queryDelayTime: 1 },
    },
  }),
  ...(syslog && { threatLogs: { destination: { ...syslog.server, transport: 'tcp' } } }),
  policies: [
    {
      name: 'staff-web',
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['198.51.100.0/24'],
      applications: ['https'],
      sourceIdentity: ['acme\\staff'],
      action: 'permit',
      log: true,
    },
    {
      name: 'guests-to-the-portal',
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['198.51.100.80'],
      applications: ['http'],
      sourceIdentity: ['unauthenticated-user', 'unknown-user'],
      action: 'permit',
      log: false,
    },
  ],
  defaultPolicy: 'deny',
  threatResponse: sandboxSetUp,
});
