import 'reflect-metadata'; // planted

export const rows: string[] = [];
