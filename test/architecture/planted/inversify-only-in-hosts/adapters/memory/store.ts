import { injectable } from 'inversify'; // planted

export const register = injectable;
