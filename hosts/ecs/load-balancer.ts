import { Duration } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, RecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { SERVICE_PORT } from './container.ts';
import type { Deployment } from './deployment.ts';

export interface Entrance {
  readonly loadBalancer: elb.ApplicationLoadBalancer;
  readonly securityGroup: SecurityGroup;
  readonly targets: elb.ApplicationTargetGroup;
}

/** The entrance: HTTPS with a current policy, HTTP sent on to it, and an access log. */
export function entranceOf(scope: Construct, vpc: IVpc, deployment: Deployment, accessLogs: IBucket): Entrance {
  const { name, domainName } = deployment;
  const securityGroup = new SecurityGroup(scope, 'EntranceGroup', {
    vpc,
    description: 'The internet to the load balancer',
    allowAllOutbound: false,
  });
  for (const peer of [Peer.anyIpv4()]) {
    securityGroup.addIngressRule(peer, Port.tcp(443), 'HTTPS');
    securityGroup.addIngressRule(peer, Port.tcp(80), 'HTTP, which is sent on to HTTPS');
  }
  const loadBalancer = new elb.ApplicationLoadBalancer(scope, 'LoadBalancer', {
    loadBalancerName: `${name}-entrance`,
    vpc,
    internetFacing: true,
    securityGroup,
    deletionProtection: true,
    dropInvalidHeaderFields: true,
    // Longer than a websocket or an event stream is silent, and shorter than the service closes idle connections.
    idleTimeout: Duration.seconds(60),
  });
  loadBalancer.logAccessLogs(accessLogs, 'entrance');
  const targets = new elb.ApplicationTargetGroup(scope, 'Targets', {
    vpc,
    port: SERVICE_PORT,
    protocol: elb.ApplicationProtocol.HTTP,
    targetType: elb.TargetType.IP,
    // Requests in flight finish before the task is told to stop.
    deregistrationDelay: Duration.seconds(20),
    healthCheck: {
      path: '/api/v1/health/ready',
      healthyHttpCodes: '200',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
  const zone = zoneOf(scope, deployment);
  loadBalancer.addListener('Https', {
    port: 443,
    protocol: elb.ApplicationProtocol.HTTPS,
    sslPolicy: elb.SslPolicy.TLS13_RES,
    certificates: [certificateOf(scope, deployment, zone)],
    defaultTargetGroups: [targets],
    open: false,
  });
  loadBalancer.addListener('Http', {
    port: 80,
    defaultAction: elb.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    open: false,
  });
  if (zone !== null) {
    new ARecord(scope, 'Name', {
      zone,
      recordName: domainName,
      target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
    });
  }
  return { loadBalancer, securityGroup, targets };
}

const zoneOf = (scope: Construct, { hostedZone }: Deployment): IHostedZone | null =>
  hostedZone === null
    ? null
    : HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId: hostedZone.id, zoneName: hostedZone.name });

function certificateOf(
  scope: Construct,
  { certificateArn, domainName }: Deployment,
  zone: IHostedZone | null,
): ICertificate {
  if (certificateArn !== null) return Certificate.fromCertificateArn(scope, 'Certificate', certificateArn);
  if (zone === null) throw new TypeError('a deployment without a hosted zone names a certificate');
  return new Certificate(scope, 'Certificate', { domainName, validation: CertificateValidation.fromDns(zone) });
}
