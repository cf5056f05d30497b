import type { Request } from 'express'; // planted

export const ownerOf = (request: Request): string => request.path;
