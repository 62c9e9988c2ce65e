import { ArnFormat, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

import { frontDoorHeaders, stageName } from '../shared/contract.ts';
import { WebAcl } from './constructs/web-acl.ts';
import type { Stage } from './stage.ts';

interface FirewallStackProps extends StackProps {
  readonly stage: Stage;
  readonly restApiId: string;
  readonly clientAddressHeader?: string | undefined;
}

/** A web application firewall on the API itself, so that it holds whichever way a request has come. */
export class FirewallStack extends Stack {
  constructor(scope: Construct, id: string, { stage, restApiId, clientAddressHeader, ...props }: FirewallStackProps) {
    super(scope, id, props);
    const acl = new WebAcl(this, 'WebAcl', {
      clientAddressHeader,
      // A fifth of what the whole API takes: a campus of firewalls behind one address does not come near it.
      requestsPerMinute: (stage.throttle.requestsPerSecond * 60) / 5,
    });
    new CfnWebACLAssociation(this, 'OfApi', {
      webAclArn: acl.attrArn,
      resourceArn: this.formatArn({
        service: 'apigateway',
        account: '',
        resource: `/restapis/${restApiId}/stages/${stageName}`,
      }),
    });

    const log = new LogGroup(this, 'Log', {
      logGroupName: `aws-waf-logs-postern-${idOf(this)}`, // WAF writes to no other name
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [
        this.formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: log.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [
        { singleHeader: { Name: 'authorization' } },
        { singleHeader: { Name: frontDoorHeaders.origin } },
        { queryString: {} },
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
        ],
      },
    });
    logging.node.addDependency(log);
  }
}

/** Another one for each time that the stack is made, so that a log that was kept is in nobody's way. */
const idOf = ({ stackId }: Stack) => Fn.select(2, Fn.split('/', stackId));
