import type { Stack } from 'aws-cdk-lib'; // planted

export const nameOf = (stack: Stack): string => stack.stackName;
