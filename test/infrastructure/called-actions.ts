import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as ts from 'typescript';

/** The actions of a command that has not the action's name, or needs more than one. */
const ACTIONS_OF: Readonly<Record<string, readonly string[]>> = {
  // The document client's commands have short names.
  'lib-dynamodb:Get': ['dynamodb:GetItem'],
  'lib-dynamodb:Put': ['dynamodb:PutItem'],
  'lib-dynamodb:Update': ['dynamodb:UpdateItem'],
  'lib-dynamodb:Delete': ['dynamodb:DeleteItem'],
  'lib-dynamodb:Query': ['dynamodb:Query'],
  'lib-dynamodb:BatchGet': ['dynamodb:BatchGetItem'],
  'lib-dynamodb:BatchWrite': ['dynamodb:BatchWriteItem'],
  'client-s3:HeadBucket': ['s3:ListBucket'],
  'client-s3:HeadObject': ['s3:GetObject'],
  'client-s3:ListObjectsV2': ['s3:ListBucket'],
  'client-s3:ListMultipartUploads': ['s3:ListBucketMultipartUploads'],
  'client-s3:GetBucketEncryption': ['s3:GetEncryptionConfiguration'],
  // Upload, which sends what is large in parts and ends them where it fails.
  'lib-storage:Upload': ['s3:PutObject', 's3:AbortMultipartUpload'],
  'client-kms:ReEncrypt': ['kms:ReEncryptFrom', 'kms:ReEncryptTo'],
};

/** Calls that somebody makes with their own password, code or token; no role is asked. */
const WITHOUT_A_ROLE = new Set(
  [
    'AssociateSoftwareToken',
    'ConfirmForgotPassword',
    'ConfirmSignUp',
    'ForgotPassword',
    'GlobalSignOut',
    'InitiateAuth',
    'ResendConfirmationCode',
    'RespondToAuthChallenge',
    'RevokeToken',
    'SignUp',
    'VerifySoftwareToken',
    'VerifyUserAttribute',
  ].map((name) => `client-cognito-identity-provider:${name}`),
);

const SERVICES: Readonly<Record<string, string>> = {
  'client-dynamodb': 'dynamodb',
  'client-s3': 's3',
  'client-sqs': 'sqs',
  'client-sns': 'sns',
  'client-kms': 'kms',
  'client-ssm': 'ssm',
  'client-cognito-identity-provider': 'cognito-idp',
};

/** Commands that are named by `new`, whatever they were imported as: `new sdk.GetObjectCommand(...)` too. */
function commandsIn(file: ts.SourceFile): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) {
      const { expression } = node;
      const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText(file);
      if (/^[A-Z]\w*Command$/.test(name)) names.push(name.slice(0, -'Command'.length));
      else if (name === 'Upload') names.push(name);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** The packages of the SDK that a file imports, also for their types alone. */
const packagesIn = (text: string): readonly string[] =>
  [...text.matchAll(/from '@aws-sdk\/([\w-]+)'|import\('@aws-sdk\/([\w-]+)'\)/g)].map((found) => found[1] ?? found[2]!);

/** The package that a command comes from: the commands of the SDK are files of their packages. */
function packageOf(root: string, command: string, imported: readonly string[]): string | undefined {
  return imported.find((name) =>
    name === 'lib-storage'
      ? command === 'Upload'
      : readdirSync(path.join(root, 'node_modules/@aws-sdk', name, 'dist-types/commands'), {
          withFileTypes: true,
        }).some((entry) => entry.name === `${command}Command.d.ts`),
  );
}

/** The IAM actions that the sources in the folders call, each with one of the files that do. */
export function calledActions(root: string, folders: readonly string[]): ReadonlyMap<string, string> {
  const called = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const at = path.relative(root, path.join(entry.parentPath, entry.name));
      const text = readFileSync(path.join(root, at), 'utf8');
      const imported = packagesIn(text);
      for (const command of commandsIn(ts.createSourceFile(at, text, ts.ScriptTarget.Latest, true))) {
        const name = packageOf(root, command, imported);
        if (name === undefined) throw new Error(`${at}: no imported package has ${command}`);
        const key = `${name}:${command}`;
        if (WITHOUT_A_ROLE.has(key)) continue;
        for (const action of ACTIONS_OF[key] ?? [`${SERVICES[name]!}:${command}`]) called.set(action, at);
      }
    }
  }
  return called;
}
