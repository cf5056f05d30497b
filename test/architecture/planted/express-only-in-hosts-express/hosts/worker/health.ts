import express from 'express'; // planted

export const app = express();
