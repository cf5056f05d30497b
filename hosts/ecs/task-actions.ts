/** The resources that the service is given, by what it calls them. */
export type TaskResource =
  | 'table'
  | 'table-index'
  | 'uploads'
  | 'upload-objects'
  | 'models'
  | 'model-objects'
  | 'queues'
  | 'topic'
  | 'data-key'
  | 'pool'
  | 'flags';

/**
 * What the adapters call, by resource: the task's role has this and no more. A test reads the adapters' sources and fails
 * where one of them uses an action that is missing here, or none uses one that is here.
 */
export const TASK_ACTIONS: Readonly<Record<TaskResource, readonly string[]>> = {
  table: [
    'dynamodb:BatchGetItem',
    'dynamodb:BatchWriteItem',
    'dynamodb:DeleteItem',
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
  ],
  'table-index': ['dynamodb:Query'],
  uploads: ['s3:GetEncryptionConfiguration', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
  'upload-objects': ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'],
  models: ['s3:ListBucket'],
  'model-objects': ['s3:GetObject'],
  queues: [
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ],
  topic: ['sns:GetTopicAttributes', 'sns:Publish'],
  'data-key': ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  flags: ['ssm:GetParameter'],
  pool: [
    'cognito-idp:AdminAddUserToGroup',
    'cognito-idp:AdminDeleteUser',
    'cognito-idp:AdminDisableUser',
    'cognito-idp:AdminEnableUser',
    'cognito-idp:AdminGetUser',
    'cognito-idp:AdminListGroupsForUser',
    'cognito-idp:AdminRemoveUserFromGroup',
    'cognito-idp:AdminUpdateUserAttributes',
    'cognito-idp:AdminUserGlobalSignOut',
    'cognito-idp:CreateGroup',
    'cognito-idp:DescribeUserPool',
    'cognito-idp:DescribeUserPoolClient',
    'cognito-idp:ListUsers',
    'cognito-idp:ListUsersInGroup',
  ],
};

/** What the resources' own encryption asks of whoever reads and writes them. */
export const STORAGE_KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

/** What rotation asks of a key that another one takes the place of. */
export const FORMER_DATA_KEY_ACTIONS = ['kms:Decrypt', 'kms:ReEncryptFrom'] as const;
