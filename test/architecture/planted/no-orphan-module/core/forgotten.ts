export const forgotten = 1; // planted
