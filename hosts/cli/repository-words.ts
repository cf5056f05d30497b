import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { VerifiedFile } from '../../core/pat/installed/verify-models.ts';
import type { ModelUnavailable } from '../../core/pat/ports.ts';

/** What is wrong with the model folder, in the words of whoever found it. */
export const repositoryFault = (error: ModelUnavailable | PortUnavailable): string =>
  error.kind === 'model-unavailable' ? error.message : error.cause;

/** The same, where something was to be written into it. */
export const installationFault = (error: ModelUnavailable | PortUnavailable): string =>
  error.kind === 'model-unavailable' ? error.message : `the model folder cannot be written (${error.cause})`;

/** One line of a verification. */
export const verifiedLine = ({ id, file, fault }: VerifiedFile): string =>
  `${fault === null ? 'ok ' : 'BAD'}  ${id}  ${fault ?? file}`;
