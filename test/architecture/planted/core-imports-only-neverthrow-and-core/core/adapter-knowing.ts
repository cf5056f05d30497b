import type { Row } from '../adapters/sql/row.ts'; // planted

export const idOf = (row: Row): string => row.id;
