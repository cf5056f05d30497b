/** What the authors' licence asks whoever passes their weights on to say. */

export const PAT_LICENCE = 'CC-BY-4.0';

export const PAT_ATTRIBUTION =
  'Pretrained Actigraphy Transformer (PAT) by Franklin Y. Ruan, Aiwei Zhang, Jenny Y. Oh, SouYoung Jin and ' +
  'Nicholas C. Jacobson, licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). ' +
  'Source: https://github.com/njacobsonlab/Pretrained-Actigraphy-Transformer. ' +
  'Changes: converted from HDF5 to safetensors, the numbers unchanged.';

export const PAT_CITATION =
  'Ruan FY, Zhang A, Oh JY, Jin S, Jacobson NC. Foundation Models for Wearable Movement Data in Mental Health ' +
  'Research. arXiv:2411.15240 (2024).';
