/** A synthesised template, running on one machine: its tables, queues, functions, key and API, and nothing that it does not have. */
import { mkdirSync } from 'node:fs';
import { ApiGateway, type ApiLimits, apiGatewayTypes } from './api-gateway.ts';
import { startAdmin } from './api-gateway-admin.ts';
import type { Certificate } from './certificate.ts';
import { cloudFrontOf, cloudFrontTypes } from './cloudfront.ts';
import { cloudwatchTypes } from './cloudwatch.ts';
import { dynamodbTypes, startDynamoDb } from './dynamodb.ts';
import { ec2Types } from './ec2.ts';
import { eventSourceTypes, startEventSources } from './event-sources.ts';
import { eventBusTypes, startEventBus } from './event-bus.ts';
import { eventsTypes, startEvents } from './events.ts';
import type { Interpose } from './http-server.ts';
import { iamTypes } from './iam.ts';
import { kmsTypes, startKms } from './kms.ts';
import { Lambda, lambdaTypes } from './lambda.ts';
import { logsTypes } from './logs.ts';
import { movedClock } from './moved-clock.ts';
import { secretsManagerTypes, secretsResolver } from './secrets-manager.ts';
import { startSqs } from './sqs.ts';
import { readTemplate, region } from './template.ts';
import { wafTypes } from './wafv2.ts';

const everyType = [
  ...apiGatewayTypes,
  ...cloudFrontTypes,
  ...cloudwatchTypes,
  ...dynamodbTypes,
  ...ec2Types,
  ...eventSourceTypes,
  ...eventBusTypes,
  ...eventsTypes,
  ...iamTypes,
  ...kmsTypes,
  ...lambdaTypes,
  ...logsTypes,
  ...secretsManagerTypes,
  ...wafTypes,
];

export interface RuntimeOptions {
  /** The folder that a CDK app synthesised into. */
  readonly assembly: string;
  /** Where the API answers; 0 picks a free port. */
  readonly port: number;
  /** Serves the same API over HTTPS too. */
  readonly tls?: { readonly port: number; readonly certificate: Certificate } | undefined;
  /** Keeps tables and keys from one start to the next; without it they end with the runtime. */
  readonly dataFolder?: string | undefined;
  readonly log?: (line: string) => void;
  readonly limits?: Partial<ApiLimits>;
  readonly sweepEveryMs?: number;
  readonly idleMs?: number;
  /** Stands between an engine and whoever uses it: functions and event sources call it in the engine's place. */
  readonly interpose?: Interpose | undefined;
}

export interface Runtime {
  /** The root of the API, as callers know it. */
  readonly url: string;
  /** API Gateway's own address. Where CloudFront is in front of it, it is not the one that callers know. */
  readonly bareUrl: string;
  /** The same over HTTPS, where it was asked for. */
  readonly tlsUrl?: string;
  /** Of all stacks, by their names. */
  readonly outputs: Readonly<Record<string, string>>;
  /** A `GET` of `events` answers what went out on the bus. */
  readonly endpoints: { readonly dynamodb: string; readonly events: string; readonly sqs: string };
  /** What makes an AWS SDK talk to this runtime. */
  readonly environment: Readonly<Record<string, string>>;
  /** Moves the clock of the functions, the authorizer's cache, the throttle and the sweeper; not the delays of queues. */
  readonly advanceClock: (milliseconds: number) => void;
  /** Deletes what is past its time to live, as AWS does within days, and tells how many items there were. */
  readonly sweep: () => Promise<number>;
  /** It is time for the schedules whose names in their stack begin so. Resolves when what they call has ended. */
  readonly tick: (ruleName: string) => Promise<void>;
  /** Ends every worker where it stands. */
  readonly killWorkers: () => Promise<void>;
  /** Ends one that is busy, by chance: of any function, or of one whose name in its stack begins so. */
  readonly killOneWorker: (functionName?: string) => Promise<'killed' | 'none-busy'>;
  /** How many workers are in an invocation: of any function, or of one whose name in its stack begins so. */
  readonly busyWorkers: (functionName?: string) => number;
  readonly stop: () => Promise<void>;
}

/** Starts what the assembly describes. Throws `CannotStart`, and then leaves nothing running. */
export async function startRuntime({ assembly, port, tls, dataFolder, ...options }: RuntimeOptions): Promise<Runtime> {
  const { log = () => undefined, sweepEveryMs = 600_000, idleMs = 300_000, interpose } = options;
  const clock = movedClock();
  const started: { readonly stop: () => Promise<void> }[] = [];
  const remember = <Service extends { readonly stop: () => Promise<void> }>(service: Service): Service => {
    started.unshift(service);
    return service;
  };
  const stop = async () => {
    for (const service of started.splice(0)) await service.stop();
  };

  try {
    const credentials = { accessKeyId: 'onthismachine', secretAccessKey: 'onthismachine' };
    const sqs = remember(await startSqs(credentials, interpose));
    const template = readTemplate(assembly, [...everyType, ...sqs.types], secretsResolver());
    if (dataFolder !== undefined) mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const dynamodb = remember(await startDynamoDb(template, { now: clock.now, dataFolder, credentials, sweepEveryMs }));
    const tables = interpose === undefined ? dynamodb : remember(await interpose('dynamodb', dynamodb.url));
    await sqs.createQueues(template);
    const kms = remember(await startKms(template, dataFolder));
    const bus = remember(await startEventBus(template, { now: clock.now }));
    const admin = remember(await startAdmin(() => gateway));
    const environment = {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL_API_GATEWAY: admin.url,
      AWS_ENDPOINT_URL_DYNAMODB: tables.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      AWS_ENDPOINT_URL_SQS: sqs.url,
    };
    const lambda = remember(new Lambda(template, { environment, clock: clock.shared, log, idleMs }));
    const limits = { bodyBytes: 10 * 1_024 * 1_024, integrationMs: 29_000, ...options.limits };
    const gateway: ApiGateway = new ApiGateway(template, { lambda, now: clock.now, log, limits });
    const cloudFront = cloudFrontOf(template);
    const front = cloudFront?.front;
    const { url } = remember(await gateway.listen(port, { front }));
    const secure = tls && remember(await gateway.listen(tls.port, { certificate: tls.certificate, front }));
    const { url: bareUrl } = cloudFront ? remember(await gateway.listen(0)) : { url };
    remember(startEventSources(template, { sqs, lambda, log }));
    const events = remember(startEvents(template, { lambda, now: clock.now, log }));
    return {
      url,
      bareUrl,
      ...(secure && { tlsUrl: secure.url }),
      outputs: atThisMachine(template.outputs, {
        [apiAddressOf(gateway)]: bareUrl,
        ...(cloudFront && { [`https://${cloudFront.domainName}`]: url }),
      }),
      endpoints: { dynamodb: dynamodb.url, events: bus.url, sqs: sqs.url },
      environment,
      advanceClock: clock.advance,
      sweep: dynamodb.sweep,
      tick: events.tick,
      killWorkers: () => lambda.killWorkers(),
      killOneWorker: (functionName) => lambda.killOneWorker(functionName),
      busyWorkers: (functionName) => lambda.busyWorkers(functionName),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Outputs that name an address on AWS name the one that is in its place here. */
const atThisMachine = (outputs: Readonly<Record<string, string>>, places: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name,
      Object.entries(places).reduce((text, [onAws, here]) => text.replace(onAws, here), value),
    ]),
  );

const apiAddressOf = ({ names }: ApiGateway) =>
  `https://${names.apiId}.execute-api.${region}.amazonaws.com/${names.stage}`;
