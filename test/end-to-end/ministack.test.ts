/**
 * The unchanged app, deployed by `cdk deploy` to an emulator of AWS, where IAM decides; and the stories, by the same
 * command that runs them on an account.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { longestWait } from '../../shared/endpoints/change-view.ts';
import { type Deployed, deploy } from './ministack/deployed.ts';
import { exceptions } from './ministack/exceptions.ts';
import { stopSchedules, whatIsOn } from './ministack/left.ts';
import { type MiniStack, project, pythonWithMiniStack, startMiniStack } from './ministack/ministack.ts';

/** Where MiniStack is not AWS: at most thirteen. Whatever else its launcher tells, or no longer tells, fails a test. */
const mends = [
  { mended: 'AWS::DynamoDB::Table TimeToLiveSpecification' },
  { mended: 'AWS::DynamoDB::Table PointInTimeRecoverySpecification' },
  { mended: 'AWS::Lambda::Function Timeout' },
  { mended: 'authorizer requestContext.requestId' },
  { mended: 'aws:SecureTransport' },
  { mended: 'binaryMediaTypes without a Content-Type' },
  { mended: 'dynamodb:PartiQL*' },
  { mended: 'FlushStageAuthorizersCache' },
  { mended: 'kms:EncryptionContext' },
  { ignored: 'AWS::ApiGateway::Stage AccessLogSetting' },
  { ignored: 'AWS::CloudWatch::Alarm Metrics' },
  { ignored: 'AWS::Lambda::Function RecursiveLoop' },
  { ignored: 'AWS::SNS::Topic KmsMasterKeyId' },
];

const python = pythonWithMiniStack();
const missing =
  'MiniStack is missing, so the app is not deployed to it. To have it: python3 -m venv .ci/venv && ' +
  '.ci/venv/bin/pip install -r test/end-to-end/ministack/requirements.txt\n';
if (python === undefined) process.stderr.write(missing);
const whereMiniStackIs = python === undefined && process.env.CI !== 'true' ? describe.skip : describe;

whereMiniStackIs('on MiniStack', () => {
  let ministack: MiniStack | undefined;
  let deployed: Deployed | undefined;
  let stories: readonly Story[] = [];
  let before: readonly string[] = [];

  beforeAll(async () => {
    if (python === undefined) throw new Error(missing);
    ministack = await startMiniStack(python);
    before = await whatIsOn(ministack.url);
    deployed = await deploy(ministack);
    stories = await run(ministack, deployed);
  }, 3_000_000); // some six minutes where nothing else is done

  afterAll(() => ministack?.stop());

  const excepted = new Map(exceptions.map(({ story, because }) => [story, because]));

  test('every story that runs at a URL passes, but for those that are named one by one', () => {
    const failed = stories.filter(({ name, status }) => status === 'failed' && !excepted.has(name));

    expect(failed.map(({ name, messages }) => `${name}\n${messages[0] ?? ''}`)).toEqual([]);
    expect(stories.filter(({ status }) => status === 'passed').length).toBeGreaterThanOrEqual(fewestPassed);
    expect(stories.filter(({ status }) => status === 'pending').length).toBeLessThanOrEqual(mostSkipped);
  });

  test('those that are named are few, have a reason, and fail indeed', () => {
    const statuses = exceptions.map(({ story }) => stories.find(({ name }) => name === story)?.status ?? 'is no story');

    expect(statuses).toEqual(exceptions.map(() => 'failed'));
    expect(exceptions.length).toBeLessThanOrEqual(10);
    expect(exceptions.every(({ because }) => because.length > 0)).toBe(true);
  });

  test('MiniStack was mended, and left out what it was given, in the listed places only', () => {
    const told = ministack?.told().map((line) => JSON.parse(line) as unknown);

    expect(told).toEqual(expect.arrayContaining(mends));
    expect(told).toHaveLength(mends.length);
    expect(mends.length).toBeLessThanOrEqual(13);
  });

  test('a sandbox that is removed leaves nothing', async () => {
    const url = ministack?.url ?? '';
    expect((await whatIsOn(url)).length).toBeGreaterThan(before.length + 50);

    // What a schedule began, or a story whose site waits for changes, would write its log group anew when it ends.
    await stopSchedules(url);
    await setTimeout((longestWait + 10) * 1_000);
    await deployed?.destroy();

    expect(await whatIsOn(url)).toEqual(before);
  }, 400_000);
});

/** So that stories which are skipped do not pass for ones that pass. Raise the first as stories are added. */
const [fewestPassed, mostSkipped] = [590, 110];

interface Story {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'pending';
  readonly messages: readonly string[];
}

interface JestResult {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: Story['status'];
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** What became of each, by jest's own account. A file that fails beside its stories, as it is loaded or ended, is one more. */
async function run({ folder, run }: MiniStack, { url, token }: Deployed): Promise<readonly Story[]> {
  const account = join(folder, 'stories.json');
  const environment = {
    POSTERN_URL: url,
    POSTERN_PROVIDER_TOKEN: token,
    POSTERN_SIMULATORS: '127.0.0.1',
    POSTERN_PACE: 'slow',
  };
  const command = ['run', '--silent', 'test:end-to-end', '--', '--forceExit', '--json', '--outputFile', account];
  const failure = await run('npm', command, { seconds: 2_400, environment }).then(
    () => undefined,
    (error: unknown) => error, // also where a story failed
  );
  let told: string;
  try {
    told = readFileSync(account, 'utf8');
  } catch (cause) {
    throw failure ?? cause;
  }
  return (JSON.parse(told) as JestResult).testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.replace(`${join(project, 'test/end-to-end')}/`, '');
    const stories: Story[] = assertionResults.map(({ fullName, failureMessages, ...rest }) => ({ name: `${file}: ${fullName}`, status: rest.status, messages: failureMessages })); // prettier-ignore
    const isItself = status === 'failed' && stories.every((story) => story.status !== 'failed');
    return isItself ? [...stories, { name: file, status, messages: [message] }] : stories;
  });
}
