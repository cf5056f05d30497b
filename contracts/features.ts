/** The features that operators turn on and off, as the contract names them. */
export const FEATURE_NAMES = ['auth', 'data', 'analysis', 'insights'] as const;
export type FeatureName = (typeof FEATURE_NAMES)[number];
