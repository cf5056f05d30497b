/** Capabilities that can be turned on one after the other, in the order in which a release does it. */
export const FEATURES = ['auth', 'data', 'analysis', 'insights'] as const;
export type Feature = (typeof FEATURES)[number];

/** For each feature the share of people who have it, in percent: 0 is nobody, 100 everybody. */
export type FeatureShares = Readonly<Record<Feature, number>>;

export const EVERYTHING_ON: FeatureShares = { auth: 100, data: 100, analysis: 100, insights: 100 };
export const EVERYTHING_OFF: FeatureShares = { auth: 0, data: 0, analysis: 0, insights: 0 };
