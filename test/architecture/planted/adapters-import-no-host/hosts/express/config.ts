export const dataFolder = '/data';
