import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { FORMER_DATA_KEY_ACTIONS, STORAGE_KEY_ACTIONS, TASK_ACTIONS, type TaskResource } from './task-actions.ts';

/** The ARNs of each resource, and of the key that encrypts them at rest. */
export interface TaskArns extends Readonly<Record<TaskResource, readonly string[]>> {
  readonly storageKey: string;
}

/**
 * What a task may do: what the adapters call, on the resources of this deployment, and nothing else. Of keys that wrapped
 * people's data keys before, it may only make use to unwrap those that another key has not wrapped yet.
 */
export function taskPolicy(scope: Construct, arns: TaskArns, formerDataKeyArns: readonly string[]): ManagedPolicy {
  const statements = (Object.entries(TASK_ACTIONS) as [TaskResource, readonly string[]][]).map(
    ([resource, actions]) =>
      new PolicyStatement({ sid: sidOf(resource), actions: [...actions], resources: [...arns[resource]] }),
  );
  return new ManagedPolicy(scope, 'TaskPolicy', {
    description: 'What the adapters call',
    statements: [
      ...statements,
      new PolicyStatement({ sid: 'StorageKey', actions: [...STORAGE_KEY_ACTIONS], resources: [arns.storageKey] }),
      ...(formerDataKeyArns.length === 0
        ? []
        : [
            new PolicyStatement({
              sid: 'FormerDataKeys',
              actions: [...FORMER_DATA_KEY_ACTIONS],
              resources: [...formerDataKeyArns],
            }),
          ]),
    ],
  });
}

/** `upload-objects` is `UploadObjects`: a statement's id has letters and digits alone. */
const sidOf = (resource: TaskResource): string =>
  resource.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
