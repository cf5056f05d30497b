import type { RouteDefinition } from '../../../contracts/route.ts';
import type { Feature } from '../../../core/flags/model.ts';
import type { FeatureFlags } from '../../../core/flags/ports.ts';
import type { UserId } from '../../../core/kernel/ids.ts';

/** The operation belongs to a feature that is off: for everybody, or for whoever calls. */
export interface FeatureDisabled {
  readonly kind: 'feature-disabled';
  readonly feature: Feature;
  readonly forWhom: 'everybody' | 'caller';
}

/** The refusal of a call of something that is turned off for the person, or, without one, for everybody; null where it is on. */
export const turnedOff = (
  flags: FeatureFlags,
  { feature }: Pick<RouteDefinition, 'feature'>,
  user: UserId | null,
): FeatureDisabled | null =>
  feature === undefined || flags.isOn(feature, user)
    ? null
    : { kind: 'feature-disabled', feature, forWhom: user === null ? 'everybody' : 'caller' };

export const detailOfOff = ({ feature, forWhom }: FeatureDisabled): string =>
  `The feature ${feature} is turned off ${forWhom === 'everybody' ? 'here' : 'for you'}.`;
