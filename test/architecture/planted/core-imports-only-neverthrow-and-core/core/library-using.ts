import { mean } from 'd3-array'; // planted

export const meanOf = (values: Float64Array): number | undefined => mean(values);
