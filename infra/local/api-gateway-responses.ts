/** What API Gateway itself answers: its faults, their defaults, and the template's gateway responses that replace them. */
import { STATUS_CODES } from 'node:http';
import * as v from 'valibot';
import { resourceType, type Template } from './template.ts';

/** Each with its default status and what `x-amzn-ErrorType` says. */
const faults = {
  ACCESS_DENIED: [403, 'AccessDeniedException'],
  API_CONFIGURATION_ERROR: [500, 'InternalServerErrorException'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'AuthorizerConfigurationException'],
  AUTHORIZER_FAILURE: [500, 'AuthorizerFailure'],
  DEFAULT_4XX: [400, 'BadRequestException'],
  DEFAULT_5XX: [502, 'InternalServerErrorException'],
  INTEGRATION_TIMEOUT: [504, 'InternalServerErrorException'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'MissingAuthenticationTokenException'],
  REQUEST_TOO_LARGE: [413, 'RequestTooLargeException'],
  THROTTLED: [429, 'TooManyRequestsException'],
  UNAUTHORIZED: [401, 'UnauthorizedException'],
} as const;
type FaultType = keyof typeof faults;

/** Replacing these changes nothing here: no route of ours can raise them. */
const neverRaised =
  'BAD_REQUEST_BODY BAD_REQUEST_PARAMETERS EXPIRED_TOKEN INTEGRATION_FAILURE INVALID_API_KEY INVALID_SIGNATURE QUOTA_EXCEEDED RESOURCE_NOT_FOUND UNSUPPORTED_MEDIA_TYPE WAF_FILTERED';

const headerName = v.pipe(v.string(), v.startsWith('gatewayresponse.header.'));
const literal = v.pipe(v.string(), v.regex(/^'.*'$/));
/** Text and `$context` only: what else the template language can do, nobody needs here. */
const plainTemplate = v.pipe(v.string(), v.regex(/^([^$#]|\$context\.|#(?![a-z{*#]))*$/i));

const gatewayResponse = resourceType(
  'AWS::ApiGateway::GatewayResponse',
  v.strictObject({
    ResponseParameters: v.optional(v.record(headerName, literal), {}),
    ResponseTemplates: v.optional(v.record(v.string(), plainTemplate), {}),
    ResponseType: v.picklist([...Object.keys(faults), ...neverRaised.split(' ')]),
    RestApiId: v.string(),
    StatusCode: v.optional(v.pipe(v.string(), v.transform(Number))),
  }),
);

export const gatewayResponseTypes = [gatewayResponse];

/** Thrown wherever API Gateway answers in place of a function. */
export class GatewayFault extends Error {
  readonly type: FaultType;
  readonly status: number;
  readonly text: string | null;

  constructor(type: FaultType, text: string | null, status: number = faults[type][0]) {
    super(text ?? type);
    this.type = type;
    this.text = text;
    this.status = status;
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** What templates and the access log may name as `$context`. */
export type Variables = Record<string, unknown>;
export type FaultAnswers = (fault: GatewayFault, variables: Variables, accept: string) => HttpAnswer;

/** How this API answers faults. */
export function faultAnswers(template: Template): FaultAnswers {
  const replaced = new Map(
    template.all(gatewayResponse).map(({ properties }) => [properties.ResponseType, properties]),
  );
  return (fault, variables, accept) => {
    const answer = replaced.get(fault.type) ?? replaced.get(fault.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
    const templates = answer?.ResponseTemplates ?? {};
    const type =
      accept
        .split(/[,;]/)
        .find((each) => each.trim() in templates)
        ?.trim() ?? 'application/json';
    const error = { message: fault.text, messageString: JSON.stringify(fault.text), responseType: fault.type };
    const headers = new Map([['content-type', ['Content-Type', type]]]);
    headers.set('x-amzn-errortype', ['x-amzn-ErrorType', faults[fault.type][1]]);
    for (const [parameter, quoted] of Object.entries(answer?.ResponseParameters ?? {})) {
      const name = parameter.slice('gatewayresponse.header.'.length);
      headers.set(name.toLowerCase(), [name, quoted.slice(1, -1)]);
    }
    return {
      status: answer?.StatusCode ?? fault.status,
      headers: [...headers.values()].map(([name = '', value = '']) => [name, value]),
      body: Buffer.from(substituted(templates[type] ?? defaultTemplate(fault), { ...variables, error }, '')),
    };
  };
}

/** AWS writes this one message with a capital letter. */
const defaultTemplate = ({ type }: GatewayFault) =>
  type === 'ACCESS_DENIED' ? '{"Message":$context.error.messageString}' : '{"message":$context.error.messageString}';

/** The text with every `$context.name` replaced by its value. */
export function substituted(text: string, variables: Variables, absent: string): string {
  return text.replaceAll(/\$context\.([\w.]*\w)/g, (_, path: string) => {
    const value = path.split('.').reduce<unknown>((from, name) => (from as Variables | undefined)?.[name], variables);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : absent;
  });
}

/** A malformed or failing function is answered so: never with what it said. */
export const badGateway = () => new GatewayFault('DEFAULT_5XX', 'Internal server error');

export const clientFault = (status: number) => new GatewayFault('DEFAULT_4XX', STATUS_CODES[status] ?? null, status);
