import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type CfnDomainName, DomainName, EndpointType, type RestApi, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  type DistributionProps,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { NagSuppressions } from 'cdk-nag';
import type { Construct } from 'constructs';

import { frontDoorHeaders, stageName } from '../shared/contract.ts';
import type { Certificates, FrontDoor, OwnDomain } from './front-door.ts';
import type { Stage } from './stage.ts';

export interface FrontDoorStackProps extends StackProps {
  readonly stage: Stage;
  readonly frontDoor: Exclude<FrontDoor, { kind: 'none' }>;
  readonly api: RestApi;
  /** What a distribution shows to the API. */
  readonly originSecret: Secret | undefined;
}

/** The address that callers know: at the root of a host, over HTTPS, on port 443. */
export class FrontDoorStack extends Stack {
  constructor(scope: Construct, id: string, { stage, frontDoor, api, originSecret, ...props }: FrontDoorStackProps) {
    super(scope, id, { ...props, terminationProtection: stage.deletionProtection });
    if (frontDoor.kind === 'domain') this.#answerAt(frontDoor.domains, frontDoor.certificates, api);
    else if (originSecret) this.#distribute(api, originSecret, stage);
  }

  #distribute(api: RestApi, originSecret: Secret, stage: Stage) {
    const host = `${api.restApiId}.execute-api.${this.region}.${this.urlSuffix}`;
    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Postern',
      httpVersion: HttpVersion.HTTP2_AND_3,
      // An allow-list names IPv4 addresses as a rule, and a sender that has both must not come by the other one.
      enableIpv6: false,
      defaultBehavior: {
        origin: new HttpOrigin(host, {
          originPath: `/${stageName}`,
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
          readTimeout: Duration.seconds(longestAnswerSeconds),
          customHeaders: { [frontDoorHeaders.origin]: originSecret.secretValue.unsafeUnwrap() },
        }),
        // Redirected, a caller would have sent its password in the clear before it is told not to.
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER, // API Gateway knows itself by its own
        compress: false,
        functionAssociations: [{ eventType: FunctionEventType.VIEWER_REQUEST, function: this.#clientAddressWriter() }],
      },
      errorResponses: statusesThatAreKept.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      ...(stage.removalPolicy === RemovalPolicy.RETAIN && this.#logged(stage)),
    });
    this.#explainToNag(distribution, stage);
    this.#tell(distribution.distributionDomainName);
  }

  /** Runs at the edge, before anything else sees the request. */
  #clientAddressWriter() {
    return new EdgeFunction(this, 'ClientAddress', {
      comment: 'Writes the address of the caller over whatever the caller wrote there',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(clientAddressWriter),
    });
  }

  /** Who was turned away before API Gateway heard of him. A sandbox must leave no bucket behind, and has no such log. */
  #logged(stage: Stage): Partial<DistributionProps> {
    const bucket = new Bucket(this, 'AccessLog', {
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED, // CloudFront writes by an access control list
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(stage.logRetention) }],
      removalPolicy: stage.removalPolicy,
    });
    NagSuppressions.addResourceSuppressions(bucket, [
      { id: 'AwsSolutions-S1', reason: 'It holds an access log; nobody needs a log of who reads logs.' },
    ]);
    return { enableLogging: true, logBucket: Bucket.fromBucketName(this, 'AccessLogByName', bucket.bucketName) };
  }

  #explainToNag(distribution: Distribution, stage: Stage) {
    const ofSandbox = {
      id: 'AwsSolutions-CFR3',
      reason: 'API Gateway logs every request. A bucket of logs would be left behind when a sandbox is removed.',
    };
    NagSuppressions.addResourceSuppressions(distribution, [
      { id: 'AwsSolutions-CFR1', reason: 'Which countries may call is known to each tenant, by its allow-list.' },
      { id: 'AwsSolutions-CFR2', reason: 'A firewall belongs to the API, where it holds for every front door.' },
      {
        id: 'AwsSolutions-CFR4',
        reason: "CloudFront's own name takes older versions of TLS too; a domain name of the provider's does not.",
      },
      ...(stage.removalPolicy === RemovalPolicy.RETAIN ? [] : [ofSandbox]),
    ]);
  }

  #answerAt(domains: readonly OwnDomain[], { server, ownership }: Certificates, api: RestApi) {
    const shared = server === undefined ? undefined : Certificate.fromCertificateArn(this, 'Certificate', server);
    for (const { name, clientAuthorities } of domains) {
      const part = clientAuthorities === undefined ? '' : 'MutualTls';
      const domain = new DomainName(this, `${part}Domain`, {
        domainName: name,
        certificate: shared ?? this.#validated(`${part}Certificate`, name),
        endpointType: EndpointType.REGIONAL,
        securityPolicy: SecurityPolicy.TLS_1_2,
        ...(clientAuthorities !== undefined && { mtls: this.#trusting(clientAuthorities) }),
      });
      if (clientAuthorities !== undefined && ownership !== undefined) {
        (domain.node.defaultChild as CfnDomainName).ownershipVerificationCertificateArn = ownership;
      }
      domain.addBasePathMapping(api, { stage: api.deploymentStage, attachToStage: true });
      this.#tell(name, part);
      new CfnOutput(this, `${part}AliasTarget`, { value: domain.domainNameAliasDomainName });
    }
  }

  /** The deployment waits until the record stands in DNS by which ACM knows whose the name is. */
  #validated(id: string, domainName: string): ICertificate {
    return new Certificate(this, id, { domainName, validation: CertificateValidation.fromDns() });
  }

  #trusting(clientAuthorities: string) {
    const store = new Asset(this, 'ClientAuthorities', { path: clientAuthorities });
    return { bucket: store.bucket, key: store.s3ObjectKey };
  }

  /** What is set in a client. All of them ask for a host and a port, or for a URL. */
  #tell(host: string, part = '') {
    new CfnOutput(this, `${part}Url`, { value: `https://${host}` });
    new CfnOutput(this, `${part}HostAndPort`, { value: `${host}:443` });
  }
}

/** API Gateway gives up after 29 s, and it is to be the one who says so. */
const longestAnswerSeconds = 35;

/** What CloudFront keeps for ten seconds otherwise, and answers others with. */
const statusesThatAreKept = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** In the language of CloudFront Functions. The address is that of the connection, whatever headers say. */
export const clientAddressWriter = `function handler(event) {
  var request = event.request;
  request.headers['${frontDoorHeaders.client}'] = { value: event.viewer.ip };
  return request;
}
`;
