import type { AlgorithmUsed } from './document.ts';

/** The published methods behind the document's numbers. A change to how one is computed raises its version. */
export const ALGORITHMS = {
  interdaily_stability: {
    name: 'Interdaily stability, hourly bins aligned to the local clock',
    version: '1.0.0',
    reference:
      'Witting W et al. Biol Psychiatry 1990;27:563-572. Van Someren EJW et al. Chronobiol Int 1999;16:505-518.',
  },
  intradaily_variability: {
    name: 'Intradaily variability, hourly bins aligned to the local clock',
    version: '1.0.0',
    reference:
      'Witting W et al. Biol Psychiatry 1990;27:563-572. Van Someren EJW et al. Chronobiol Int 1999;16:505-518.',
  },
  rest_and_active_periods: {
    name: 'L5, M10 and relative amplitude on the mean 24-hour profile at one-minute resolution',
    version: '1.0.0',
    reference:
      'Van Someren EJW et al. Chronobiol Int 1999;16:505-518. Gonçalves BSB et al. Sleep Med Rev 2015;19:121-128.',
  },
  cosinor: {
    name: 'Single-component 24-hour cosinor by ordinary least squares',
    version: '1.0.0',
    reference: 'Cornelissen G. Theor Biol Med Model 2014;11:16.',
  },
  cole_kripke: {
    name: 'Cole-Kripke sleep/wake scoring in the ActiLife form',
    version: '1.0.0',
    reference: 'Cole RJ et al. Sleep 1992;15:461-469.',
  },
  webster: {
    name: 'Webster rescoring rules on the scored sequence',
    version: '1.0.0',
    reference: 'Webster JB et al. Sleep 1982;5:389-399.',
  },
  sleep_regularity_index: {
    name: 'Sleep regularity index, pairs of equal local clock minutes on consecutive days',
    version: '1.0.0',
    reference: 'Phillips AJK et al. Sci Rep 2017;7:3216.',
  },
  nights: {
    name: 'Nights assembled noon to noon from recorded sleep intervals, one source a night',
    version: '1.0.0',
    reference: "Clarity's own rule; the intervals are the recording device's.",
  },
  valid_days: {
    name: 'Valid day: at least 600 valid minutes',
    version: '1.0.0',
    reference: 'Troiano RP et al. Med Sci Sports Exerc 2008;40:181-188.',
  },
  non_wear_choi: {
    name: 'Choi non-wear rule (90 minutes of zeros, 2-minute interruptions, 30-minute windows)',
    version: '1.0.0',
    reference: 'Choi L et al. Med Sci Sports Exerc 2011;43:357-364.',
  },
  non_wear_troiano: {
    name: 'Troiano non-wear rule (60 minutes of zeros, interruptions of up to 2 minutes)',
    version: '1.0.0',
    reference: 'Troiano RP et al. Med Sci Sports Exerc 2008;40:181-188.',
  },
  step_minutes: {
    name: 'Steps spread over local minutes, one source a minute, stillness shown by wear evidence',
    version: '1.0.0',
    reference: "Clarity's own rule, stated in data_quality.wear_rule.",
  },
  minute_imputation: {
    name: 'Missing minutes of the encoded days: mean of the same clock minute on the other days',
    version: '1.0.0',
    reference: 'van Hees VT et al. PLoS ONE 2013;8:e61691.',
  },
  logistic_head: {
    name: 'Logistic regression with an L2 penalty, calibrated on people left out of its training',
    version: '1.0.0',
    reference:
      'Platt JC, in Advances in Large Margin Classifiers, 1999:61-74. The model card of risk.scores[].card_id.',
  },
  pat_encoder: {
    name: 'Pretrained Actigraphy Transformer encoder',
    version: '1.0.0',
    reference: 'Ruan FY et al. arXiv:2411.15240 (2024). Weights: CC BY 4.0.',
  },
} as const satisfies Record<string, AlgorithmUsed>;

export type AlgorithmKey = keyof typeof ALGORITHMS;
