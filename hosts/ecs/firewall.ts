import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/** Calls from one address in five minutes; the service itself counts more finely, and by person. */
const MOST_CALLS = 2000;

/** The managed rules, and which of their parts are only counted. */
const MANAGED_RULES: readonly { readonly name: string; readonly counted: readonly string[] }[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: [] },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet', counted: [] },
  // Exports have gigabytes, and the service bounds every body itself while it reads.
  { name: 'AWSManagedRulesCommonRuleSet', counted: ['SizeRestrictions_BODY', 'CrossSiteScripting_BODY'] },
];

const shownAs = (metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
  metricName,
});

/** The rules in front of the load balancer. What they block is logged without tokens. */
export function firewallOf(scope: Construct, name: string, loadBalancerArn: string, logKey: IKey): wafv2.CfnWebACL {
  const acl = new wafv2.CfnWebACL(scope, 'Firewall', {
    name: `${name}-rate-limiting`,
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    // As the list itself is called: its metrics are found by that.
    visibilityConfig: shownAs(`${name}-rate-limiting`),
    rules: [
      {
        name: 'calls-per-address',
        priority: 0,
        action: { block: { customResponse: { responseCode: 429 } } },
        statement: { rateBasedStatement: { limit: MOST_CALLS, aggregateKeyType: 'IP' } },
        visibilityConfig: shownAs('calls-per-address'),
      },
      ...MANAGED_RULES.map(({ name: rule, counted }, i) => ({
        name: rule,
        priority: i + 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: 'AWS',
            name: rule,
            ruleActionOverrides: counted.map((part) => ({ name: part, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: shownAs(rule),
      })),
    ],
  });
  new wafv2.CfnWebACLAssociation(scope, 'FirewallAssociation', {
    resourceArn: loadBalancerArn,
    webAclArn: acl.attrArn,
  });
  const logs = new LogGroup(scope, 'FirewallLogs', {
    // WAF writes to groups that begin so, and to no others.
    logGroupName: `aws-waf-logs-${name}`,
    retention: RetentionDays.ONE_YEAR,
    encryptionKey: logKey,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  new wafv2.CfnLoggingConfiguration(scope, 'FirewallLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [logs.logGroupArn],
    redactedFields: [{ singleHeader: { Name: 'authorization' } }, { queryString: {} }],
    loggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
    },
  });
  return acl;
}
