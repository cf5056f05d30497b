import type { Work } from './container.ts';

/** A resource of a template. */
interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** What the text form needs of a value that only a deployed stack knows. */
const isKnownLater = (value: unknown): boolean => typeof value === 'object' && value !== null;

const placeholder = (name: string): string => `\${${name}}`;

const lowerFirst = (name: string): string =>
  name === 'TaskRoleArn' ? 'taskRoleArn' : name.charAt(0).toLowerCase() + name.slice(1);

/**
 * A task as `aws ecs register-task-definition --cli-input-json` takes it, for whoever deploys without
 * CloudFormation. What only a deployed stack knows is a placeholder such as `${TASK_ROLE_ARN}`, which scripts/deploy.sh
 * fills in from the environment. The workers' log group and execution role are others than those of what serves, and so
 * are their placeholders: `${WORKER_LOG_GROUP}`.
 */
export function taskDefinitionOf(resources: Readonly<Record<string, Resource>>, family: string, work: Work): unknown {
  const own = (name: string): string => placeholder(work === 'worker' ? `WORKER_${name}` : name);
  const found = Object.values(resources).find(
    ({ Type, Properties }) => Type === 'AWS::ECS::TaskDefinition' && Properties?.['Family'] === family,
  );
  if (found?.Properties === undefined) throw new TypeError(`the template has no task definition ${family}`);
  const { Tags: _, ...properties } = found.Properties;
  const definition = camelCased({
    ...properties,
    ExecutionRoleArn: own('EXECUTION_ROLE_ARN'),
    TaskRoleArn: placeholder('TASK_ROLE_ARN'),
  }) as Record<string, unknown> & { containerDefinitions: Record<string, unknown>[] };
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions.map((one) => container(one, own('LOG_GROUP'))),
  };
}

/** Names of variables are the placeholders of their values; those of the rest are told here. */
function container(described: Record<string, unknown>, logGroup: string): unknown {
  const { environment, secrets, image, logConfiguration, ...others } = described as {
    readonly environment: readonly { readonly name: string; readonly value: unknown }[];
    readonly secrets: readonly { readonly name: string }[];
    readonly image: unknown;
    readonly logConfiguration: { readonly logDriver: string; readonly options: Readonly<Record<string, unknown>> };
  } & Record<string, unknown>;
  const known = (name: string, value: unknown): unknown => (isKnownLater(value) ? placeholder(name) : value);
  return {
    ...others,
    image: known('IMAGE', image),
    environment: environment.map(({ name, value }) => ({ name, value: known(name, value) })),
    secrets: secrets.map(({ name }) => ({ name, valueFrom: placeholder(`${name}_ARN`) })),
    logConfiguration: {
      logDriver: logConfiguration.logDriver,
      options: Object.fromEntries(
        Object.entries(logConfiguration.options).map(([name, value]) => [
          name,
          name === 'awslogs-group' && isKnownLater(value) ? logGroup : known('AWS_REGION', value),
        ]),
      ),
    },
  };
}

/** Keys as the API writes them; those of log options and of values stay. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === 'Options'
        ? [lowerFirst(key), member]
        : /^(?:Ref|Fn::)/.test(key)
          ? [key, member]
          : [lowerFirst(key), camelCased(member)],
    ),
  );
}
