import { CfnWebACL, type CfnWebACLProps } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

import { onlyCounted } from './managed-rules.ts';

export interface WebAclProps {
  /** The header by which a front door of ours tells the caller's address; the connection's own where there is none. */
  readonly clientAddressHeader?: string | undefined;
  /** More than this many requests in a minute from one address are too many. */
  readonly requestsPerMinute: number;
}

/**
 * The firewall before the API: what is refused for its address, its headers or its path, before it costs a function.
 * Never for its body. Bodies hold what others wrote (XML, names, logs of attacks), and our own parsers are strict with them.
 */
export class WebAcl extends CfnWebACL {
  constructor(scope: Construct, id: string, { clientAddressHeader, requestsPerMinute }: WebAclProps) {
    super(scope, id, {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: seenAs('Postern'),
      customResponseBodies: { TooMany: { contentType: 'APPLICATION_JSON', content: JSON.stringify(tooMany) } },
      rules: [
        {
          name: 'TooManyRequests',
          priority: 0,
          action: { block: { customResponse: tooManyResponse } },
          statement: {
            rateBasedStatement: {
              limit: requestsPerMinute,
              evaluationWindowSec: 60,
              ...(clientAddressHeader === undefined
                ? { aggregateKeyType: 'IP' }
                : {
                    // Also by who is connected: around the front door anybody could have another's address counted. It
                    // bounds nobody there, as they may leave the header out or make one up: the stage's throttle does.
                    aggregateKeyType: 'CUSTOM_KEYS',
                    customKeys: [{ ip: {} }, { forwardedIp: {} }],
                    forwardedIpConfig: { headerName: clientAddressHeader, fallbackBehavior: 'NO_MATCH' },
                  }),
            },
          },
          visibilityConfig: seenAs('TooManyRequests'),
        },
        managed('AWSManagedRulesAmazonIpReputationList', 1),
        managed('AWSManagedRulesKnownBadInputsRuleSet', 2),
        managed('AWSManagedRulesCommonRuleSet', 3),
      ],
    });
  }
}

/** Senders repeat what is answered 503, and nothing else: what is refused for its number comes again. */
const tooMany = {
  type: 'urn:postern:problem:busy',
  status: 503,
  title: 'Service Unavailable',
  code: 'busy',
  detail:
    'More requests came from your address than one address may send. Send it again, unchanged, after Retry-After.',
};

const tooManyResponse = {
  responseCode: 503,
  customResponseBodyKey: 'TooMany',
  responseHeaders: [{ name: 'Retry-After', value: '60' }],
};

type Rule = Exclude<Extract<CfnWebACLProps['rules'], readonly unknown[]>[number], { resolve: unknown }>;

function managed(name: keyof typeof onlyCounted, priority: number): Rule {
  const overrides = Object.keys(onlyCounted[name]).map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ...(overrides.length > 0 && { ruleActionOverrides: overrides }),
      },
    },
    visibilityConfig: seenAs(name),
  };
}

/** Neither samples: they would show headers, and in them passwords, to whoever may look at metrics. */
function seenAs(metricName: string) {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}
