/** Small templates in the form that CDK writes, with functions of a line or two, for the tests of the runtime. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../../infra/local/runtime.ts';

type Json = Record<string, unknown>;

/** Stacks by name, each with its resources by logical id; functions are the text of their modules, by asset key. */
export interface ExampleApp {
  readonly stacks: Readonly<Record<string, { readonly Resources: Json; readonly Outputs?: Json }>>;
  readonly functions?: Readonly<Record<string, string>>;
}

const folders: string[] = [];
const runtimes: Runtime[] = [];

/** Ends what a test file started and removes what it wrote. */
export async function cleanUp(): Promise<void> {
  for (const runtime of runtimes.splice(0)) await runtime.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-'));
  folders.push(folder);
  return folder;
}

export function assemblyOf({ stacks, functions = {} }: ExampleApp): string {
  const folder = temporaryFolder();
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  const artifacts: Json = { Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } } };
  for (const [name, template] of Object.entries(stacks)) {
    write(`${name}.template.json`, template);
    artifacts[name] = { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.template.json` } };
  }
  const files: Json = {};
  for (const [name, code] of Object.entries(functions)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, 'index.mjs'), code);
    files[name] = { source: { path: `asset.${name}` }, destinations: { here: { objectKey: `${name}.zip` } } };
  }
  write('assets.json', { files });
  write('manifest.json', { artifacts });
  return folder;
}

export async function run(app: ExampleApp, options: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  const runtime = await startRuntime({ assembly: assemblyOf(app), port: 0, ...options });
  runtimes.push(runtime);
  return runtime;
}

export const aTable = (properties: Json = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    ...properties,
  },
});

export interface ExampleApi {
  /** `METHOD /path` to the function that answers it. */
  readonly routes: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, string>>;
  /** Further properties of functions, by name. */
  readonly settings?: Readonly<Record<string, Json>>;
  /** Properties of an authorizer whose function is called `authorizer`. */
  readonly authorizer?: Json;
  readonly gatewayResponses?: Readonly<Record<string, Json>>;
  readonly methodSettings?: Json;
  /** Further resources, or others in the place of those made here. */
  readonly resources?: Json;
}

const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const uri = (name: string) => ({
  'Fn::Join': ['', ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', arn(name), '/invocations']],
});
const api = { RestApiId: { Ref: 'Api' } };

/** A REST API as CDK writes one: every function may be called from anywhere in it. */
export function anApi({ routes, functions, ...parts }: ExampleApi): ExampleApp {
  const { settings = {}, authorizer, gatewayResponses = {}, methodSettings, resources = {} } = parts;
  const all: Json = {
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { BinaryMediaTypes: ['*/*'], Name: 'Example' } },
    Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: api },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        ...api,
        DeploymentId: { Ref: 'Deployment' },
        StageName: 'live',
        ...(methodSettings && { MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ...methodSettings }] }),
      },
    },
  };
  for (const name of Object.keys(functions)) {
    const Code = { S3Bucket: 'assets', S3Key: `${name}.zip` };
    all[name] = {
      Type: 'AWS::Lambda::Function',
      Properties: { Code, Handler: 'index.handler', Role: 'any', Runtime: 'nodejs24.x', ...settings[name] },
    };
    all[`${name}Permission`] = {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arn(name),
        Principal: 'apigateway.amazonaws.com',
        SourceArn: { 'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*' },
      },
    };
  }
  if (authorizer) {
    all.Authorizer = {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        ...api,
        AuthorizerUri: uri('authorizer'),
        IdentitySource: 'method.request.header.Authorization',
        Name: 'Authorizer',
        Type: 'REQUEST',
        ...authorizer,
      },
    };
  }
  for (const [route, name] of Object.entries(routes)) {
    const [HttpMethod = '', path = ''] = route.split(' ');
    const Integration = { IntegrationHttpMethod: 'POST', Type: 'AWS_PROXY', Uri: uri(name) };
    const authorized = authorizer ? { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } } : undefined;
    all[`Method ${route}`] = {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ...api,
        HttpMethod,
        ResourceId: resourceOf(path, all),
        Integration,
        ...unauthorized,
        ...authorized,
      },
    };
  }
  for (const [ResponseType, properties] of Object.entries(gatewayResponses)) {
    const Properties = { ...api, ResponseType, ...properties };
    all[`Response ${ResponseType}`] = { Type: 'AWS::ApiGateway::GatewayResponse', Properties };
  }
  const Outputs = { RestApiId: { Value: { Ref: 'Api' } } };
  return { stacks: { Service: { Resources: { ...all, ...resources }, Outputs } }, functions };
}

const unauthorized = { AuthorizationType: 'NONE' };

function resourceOf(path: string, all: Json): Json {
  if (path === '/') return { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  const Properties = { ...api, ParentId: resourceOf(parent, all), PathPart: path.slice(path.lastIndexOf('/') + 1) };
  all[path] = { Type: 'AWS::ApiGateway::Resource', Properties };
  return { Ref: path };
}

/** Answers with the event that it was given. */
export const echo = `export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });`;

/** Answers with the value of this expression, in which \`event\` and \`context\` are known. */
export const answering = (expression: string) => `export const handler = async (event, context) => (${expression});`;
