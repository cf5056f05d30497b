import type { SecondFactor, SecondFactorProof } from './second-factor-ports.ts';

/**
 * The second factor with the proof used up; null where it proves nothing: the factor is not enabled, the code is of
 * another secret, of the last step that was taken or an earlier one, or the recovery code is none that is left.
 */
export function spent(factor: SecondFactor | null, proof: SecondFactorProof): SecondFactor | null {
  if (factor?.enabled !== true) return null;
  if (proof.kind === 'totp') {
    const isNew = proof.factorId === factor.factorId && (factor.lastStep === null || proof.step > factor.lastStep);
    return isNew ? { ...factor, lastStep: proof.step } : null;
  }
  const left = factor.recoveryHashes.filter((hash) => hash !== proof.hash);
  return left.length < factor.recoveryHashes.length ? { ...factor, recoveryHashes: left } : null;
}
