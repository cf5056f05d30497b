import { dataFolder } from '../../hosts/express/config.ts'; // planted

export const databaseFile = `${dataFolder}/clarity.db`;
