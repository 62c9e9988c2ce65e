/** What becomes of every single resource when its stack goes: all of it in the sandbox, all but what cannot be had again in production. */
import { everyDeployment, everyTemplate, type Resource } from '../support/stacks.ts';

/** Every type of resource that there is. One that is not here fails the test, until somebody has thought of its end. */
const becomes: Readonly<Record<string, 'goes' | 'kept in production'>> = {
  'AWS::DynamoDB::Table': 'kept in production',
  'AWS::KMS::Key': 'kept in production', // without it, the tables that are kept cannot be read
  'AWS::Logs::LogGroup': 'kept in production', // who did what is asked after a removal most of all
  'AWS::ApiGateway::Account': 'kept in production', // it is a setting of the account, and others may rely on it

  'AWS::ApiGateway::Authorizer': 'goes',
  'AWS::ApiGateway::Deployment': 'goes',
  'AWS::ApiGateway::GatewayResponse': 'goes',
  'AWS::ApiGateway::Method': 'goes',
  'AWS::ApiGateway::Resource': 'goes',
  'AWS::ApiGateway::RestApi': 'goes',
  'AWS::ApiGateway::Stage': 'goes',
  'AWS::ApiGateway::BasePathMapping': 'goes',
  'AWS::ApiGateway::DomainName': 'goes',
  'AWS::CertificateManager::Certificate': 'goes',
  'AWS::CloudFront::Distribution': 'goes',
  'AWS::CloudFront::Function': 'goes',
  'AWS::CloudFront::OriginRequestPolicy': 'goes',
  'AWS::CloudFront::ResponseHeadersPolicy': 'goes',
  'AWS::CloudWatch::Alarm': 'goes',
  'AWS::CloudWatch::CompositeAlarm': 'goes',
  'AWS::CloudWatch::Dashboard': 'goes',
  'AWS::EC2::EIP': 'kept in production', // tenants' firewalls name it
  'AWS::EC2::InternetGateway': 'goes',
  'AWS::EC2::NatGateway': 'goes',
  'AWS::EC2::Route': 'goes',
  'AWS::EC2::RouteTable': 'goes',
  'AWS::EC2::SecurityGroup': 'goes',
  'AWS::EC2::Subnet': 'goes',
  'AWS::EC2::SubnetRouteTableAssociation': 'goes',
  'AWS::EC2::VPC': 'goes',
  'AWS::EC2::VPCEndpoint': 'goes',
  'AWS::EC2::VPCGatewayAttachment': 'goes',
  'AWS::Events::EventBus': 'goes', // it holds nothing
  'AWS::Events::Rule': 'goes',
  'AWS::IAM::Role': 'goes',
  'AWS::Lambda::EventSourceMapping': 'goes',
  'AWS::Lambda::Function': 'goes',
  'AWS::Lambda::Permission': 'goes',
  'AWS::Logs::MetricFilter': 'goes',
  'AWS::S3::Bucket': 'kept in production', // of logs; the sandbox has none
  'AWS::S3::BucketPolicy': 'goes',
  'AWS::SecretsManager::Secret': 'goes', // of nobody's but the front door, which goes too
  'AWS::SNS::Subscription': 'goes',
  'AWS::SNS::Topic': 'goes',
  'AWS::SNS::TopicPolicy': 'goes',
  'AWS::SQS::Queue': 'goes', // a message only names what the tables hold, and is sent again by a schedule
  'AWS::SQS::QueuePolicy': 'goes',
  'AWS::WAFv2::LoggingConfiguration': 'goes',
  'AWS::WAFv2::WebACL': 'goes',
  'AWS::WAFv2::WebACLAssociation': 'goes',
};

/** The role that API Gateway writes its logs with stays with the setting that names it. */
const withTheAccount = 'ApiCloudWatchRole';

describe.each(everyDeployment.map((context) => [context.stage, JSON.stringify(context), context] as const))(
  '%s (%s)',
  (stage, _, context) => {
    const stacks = everyTemplate(context);
    const all = stacks.flatMap(({ template }) =>
      Object.entries((template.toJSON() as { Resources: Record<string, Resource> }).Resources),
    );
    const of = (type: string) => all.filter(([, { Type }]) => Type === type);

    test('every type of resource has a rule', () => {
      expect(all.map(([, { Type }]) => Type).filter((type) => !Object.hasOwn(becomes, type))).toEqual([]);
    });

    test('a stack that goes takes along what the rules say, and leaves what they say', () => {
      const wrong = all.filter(([id, { Type, DeletionPolicy, UpdateReplacePolicy }]) => {
        const kept =
          stage === 'production' && (becomes[Type] === 'kept in production' || id.startsWith(withTheAccount));
        const is = DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain' ? 'kept' : 'goes';
        return (
          is !== (kept ? 'kept' : 'goes') || (is === 'goes' && [DeletionPolicy, UpdateReplacePolicy].includes('Retain'))
        );
      });

      expect(wrong).toEqual([]);
    });

    test('nothing has a name of its own, so that what was left never stands in the way of the next deployment', () => {
      const named = /^(TableName|QueueName|FunctionName|RoleName|LogGroupName|TopicName|KeyName|BucketName)$/;
      const names = all.flatMap(([id, { Type, Properties = {} }]) =>
        Object.entries(Properties)
          .filter(([name, text]) => named.test(name) && typeof text === 'string' && !/Permission|Mapping/.test(Type))
          .map(([name]) => `${id} ${name}`),
      );
      expect(names).toEqual([]);
    });

    test('logs end by themselves, and no service makes one that nobody knows of', () => {
      for (const [id, { Properties }] of of('AWS::Logs::LogGroup')) {
        expect([id, Properties.RetentionInDays]).toEqual([id, stage === 'production' ? 90 : 7]);
      }
      for (const [id, { Properties }] of of('AWS::Lambda::Function')) {
        expect([id, Properties.LoggingConfig]).toEqual([
          id,
          { LogGroup: { Ref: expect.stringMatching(/Log/) as string } },
        ]);
      }
      for (const [id, { Properties }] of of('AWS::ApiGateway::Stage')) {
        const execution = ((Properties.MethodSettings ?? []) as { LoggingLevel?: string }[]).map(
          (each) => each.LoggingLevel,
        );
        expect([id, execution.filter((level) => level !== undefined && level !== 'OFF')]).toEqual([id, []]);
      }
    });

    test('production is protected from a slip of the hand, and the sandbox from nothing', () => {
      const protectedFromDeletion = stage === 'production';
      for (const [id, { Properties }] of of('AWS::DynamoDB::Table')) {
        expect([id, Properties.DeletionProtectionEnabled]).toEqual([id, protectedFromDeletion]);
      }
      for (const { name, stack } of stacks.filter(({ name }) => /Data|Workers|Service|Network/.test(name))) {
        expect([name, stack.terminationProtection]).toEqual([name, protectedFromDeletion]);
      }
    });

    test('personal data lies under a key of the account in production, which changes every year', () => {
      for (const [id, { Properties }] of of('AWS::DynamoDB::Table')) {
        const own = {
          SSEEnabled: true,
          SSEType: 'KMS',
          KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^TablesKey/), 'Arn'] },
        };
        expect([id, Properties.SSESpecification]).toEqual([id, stage === 'production' ? own : undefined]);
      }
      for (const [id, { Properties }] of of('AWS::KMS::Key')) {
        expect([id, Properties.EnableKeyRotation]).toEqual([id, true]);
      }
    });
  },
);
