import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TASK_ACTIONS } from '../../hosts/ecs/task-actions.ts';
import { calledActions } from './called-actions.ts';
import { synthesized } from './synthesized.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const permissions = suite('what a task may do');

const called = calledActions(root, ['adapters/aws', 'hosts']);
const allowed = new Set(Object.values(TASK_ACTIONS).flat());

permissions('every action that an adapter calls is allowed', () => {
  const missing = [...called].filter(([action]) => !allowed.has(action));
  assert.equal(missing, []);
});

permissions('nothing is allowed that no adapter calls', () => {
  assert.equal(
    [...allowed].filter((action) => !called.has(action)),
    [],
  );
});

permissions('the role has these actions, on named resources, and no others', () => {
  const { only, ofType } = synthesized('new-account');
  const { Statement: statements } = only('AWS::IAM::ManagedPolicy').Properties.PolicyDocument;
  const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
  const own = new Set([...allowed, 'kms:Decrypt', 'kms:GenerateDataKey']);
  assert.equal([...new Set(actions)].sort(), [...own].sort());
  for (const statement of statements) {
    assert.is(statement.Effect, 'Allow');
    assert.not.ok([statement.Resource].flat().includes('*'), statement.Sid);
  }
  const taskRoles = ofType('AWS::IAM::Role').filter(({ Properties }) => Properties.ManagedPolicyArns?.length === 1);
  assert.is(taskRoles.length, 2);
});

permissions('clarity doctor tries every call on the user pool that can be tried without an effect', () => {
  const tried = new Set(calledActions(root, ['adapters/aws/doctor']).keys());
  assert.equal(
    TASK_ACTIONS.pool.filter((action) => !tried.has(action)),
    ['cognito-idp:CreateGroup'],
  );
});

permissions.run();
