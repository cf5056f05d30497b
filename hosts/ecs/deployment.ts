import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { err, ok, type Result } from 'neverthrow';
import { variableFaults } from './further-variables.ts';

/** Something that the stacks make, or that is there already and is only referred to. */
const madeOr = <Existing extends t.Mixed>(existing: Existing) =>
  t.union([t.type({ create: t.literal(true) }), existing]);

const named = t.type({ name: t.string });
/** Two zones or more: a zone that fails takes half of the service with it, not all. */
const zones = t.array(t.string);

/** What a description may leave out. */
const leftOut = <Described extends t.Mixed>(
  codec: Described,
  otherwise: t.TypeOf<Described>,
): t.Type<t.TypeOf<Described>, t.OutputOf<Described>> =>
  new t.Type<t.TypeOf<Described>, t.OutputOf<Described>>(
    codec.name,
    (u): u is t.TypeOf<Described> => codec.is(u),
    (u, context) =>
      u === undefined ? t.success(otherwise) : (codec.validate(u, context) as t.Validation<t.TypeOf<Described>>),
    (described) => codec.encode(described) as t.OutputOf<Described>,
  );

const deploymentCodec = t.type(
  {
    /** Begins the names of what is made. */
    name: t.string,
    /** Null: that of the credentials at the time of deploying. */
    account: t.union([t.string, t.null]),
    region: t.string,
    /** Under which clients reach the service, over HTTPS alone. */
    domainName: t.string,
    /** Where the name's record and the certificate's proof go; null: the operator makes both by hand. */
    hostedZone: t.union([t.type({ id: t.string, name: t.string }), t.null]),
    /** An ACM certificate for the domain name, in the region; null: one is made and proved in the hosted zone. */
    certificateArn: t.union([t.string, t.null]),
    vpc: madeOr(
      t.type(
        { id: t.string, availabilityZones: zones, publicSubnetIds: zones, privateSubnetIds: zones },
        'an existing VPC',
      ),
    ),
    cluster: madeOr(named),
    table: madeOr(named),
    uploadsBucket: madeOr(named),
    modelsBucket: madeOr(named),
    userPool: madeOr(t.type({ id: t.string, clientId: t.string })),
    /** The ECR repository of the image. */
    repository: madeOr(named),
    imageTag: t.string,
    /** How many processes serve; it never falls below. */
    leastTasks: t.Integer,
    mostTasks: t.Integer,
    mostWorkers: t.Integer,
    corsOrigins: t.array(t.string),
    /** Who is told of alarms. */
    alarmEmail: t.union([t.string, t.null]),
    /** Who reads the metrics of every process: a security group (`sg-...`) or a range of addresses; null: nobody. */
    metricsFrom: leftOut(t.union([t.string, t.null]), null),
    /** Further variables of the tasks, as hosts/wiring/config.ts reads them. Whoever may see a task definition sees them. */
    environment: leftOut(t.record(t.string, t.string, 'an object of texts'), {}),
    /** The KMS key that wraps people's data keys, in the place of the one that the stack makes; null: that one. */
    dataKeyArn: leftOut(t.union([t.string, t.null]), null),
    /** Keys that did before; tasks may unwrap with them what has not been wrapped again yet. */
    formerDataKeyArns: leftOut(t.array(t.string), []),
  },
  'Deployment',
);

/** What is deployed, where, and what of it exists already. */
export type Deployment = t.TypeOf<typeof deploymentCodec>;

/** Reads a deployment's description; the error lists what is wrong with it, a line each. */
export function readDeployment(described: unknown): Result<Deployment, readonly string[]> {
  const decoded = deploymentCodec.decode(described);
  if (E.isLeft(decoded)) {
    return err([
      ...new Set(
        decoded.left.map(({ context, value }) => {
          const path = context.map(({ key }) => key).filter((key) => key !== '' && !/^\d+$/.test(key));
          return `${path.join('.')}: ${JSON.stringify(value)} is not ${context.at(-1)?.type.name ?? 'expected'}`;
        }),
      ),
    ]);
  }
  // A name with a slip of the pen would be passed over, and what it was to change with it.
  const unknown = Object.keys(described as object).filter((name) => !(name in deploymentCodec.props));
  const wrong = [...unknown.map((name) => `${name}: nothing is called so`), ...faultsOf(decoded.right)];
  return wrong.length > 0 ? err(wrong) : ok(decoded.right);
}

/** A security group, or addresses of a network; never everybody's. */
const METRICS_READER = /^(?:sg-[0-9a-f]{8,17}|\d{1,3}(?:\.\d{1,3}){3}\/(?:[89]|[12]\d|3[0-2]))$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** What the types do not say. */
function faultsOf({
  vpc,
  hostedZone,
  certificateArn,
  leastTasks,
  mostTasks,
  mostWorkers,
  metricsFrom,
  environment,
  dataKeyArn,
  formerDataKeyArns,
}: Deployment): readonly string[] {
  const faults: string[] = [];
  if (hostedZone === null && certificateArn === null) {
    faults.push('certificateArn: without a hosted zone no certificate can be proved; name one');
  }
  if (leastTasks < 2) faults.push('leastTasks: below 2, a zone that fails takes the service with it');
  if (mostTasks < leastTasks) faults.push('mostTasks: is below leastTasks');
  if (mostWorkers < 1) faults.push('mostWorkers: is below 1, and jobs would wait for ever');
  if (metricsFrom !== null && !METRICS_READER.test(metricsFrom)) {
    faults.push('metricsFrom: neither a security group such as sg-0123456789abcdef0 nor a range such as 10.0.0.0/16');
  }
  for (const arn of [...(dataKeyArn === null ? [] : [dataKeyArn]), ...formerDataKeyArns]) {
    // The name of an alias is none that a policy can be about.
    if (!KEY_ARN.test(arn)) faults.push(`dataKeyArn, formerDataKeyArns: ${arn} is not the ARN of a KMS key`);
  }
  faults.push(...variableFaults(environment));
  if (!('create' in vpc)) {
    const { availabilityZones, publicSubnetIds, privateSubnetIds } = vpc;
    if (availabilityZones.length < 2) faults.push('vpc.availabilityZones: fewer than two');
    if (publicSubnetIds.length !== availabilityZones.length || privateSubnetIds.length !== availabilityZones.length) {
      faults.push('vpc: not one public and one private subnet for each availability zone');
    }
  }
  return faults;
}
