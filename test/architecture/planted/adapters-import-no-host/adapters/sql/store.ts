import { dataFolder } from '../../hosts/express/service.ts'; // planted

export const databaseFile = `${dataFolder}/clarity.db`;
