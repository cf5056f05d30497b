import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';

/** The VPC: an existing one, or one of two zones whose tasks have no address of their own on the internet. */
export function networkOf(scope: Construct, { name, vpc }: Deployment, logKey: IKey): ec2.IVpc {
  if (!('create' in vpc)) {
    const { id: vpcId, availabilityZones, publicSubnetIds, privateSubnetIds } = vpc;
    return ec2.Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones, publicSubnetIds, privateSubnetIds });
  }
  const made = new ec2.Vpc(scope, 'Vpc', {
    vpcName: name,
    maxAzs: 2,
    // One a zone: with one in all, a zone that fails would cut the other off too.
    natGateways: 2,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
    ],
    // What tasks say most often goes to these two, and not through a NAT gateway that is paid by the byte.
    gatewayEndpoints: {
      Dynamodb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
    },
  });
  made.addFlowLog('FlowLog', {
    destination: ec2.FlowLogDestination.toCloudWatchLogs(
      new LogGroup(scope, 'FlowLogs', {
        retention: RetentionDays.ONE_YEAR,
        encryptionKey: logKey,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
    ),
    trafficType: ec2.FlowLogTrafficType.REJECT,
  });
  return made;
}
