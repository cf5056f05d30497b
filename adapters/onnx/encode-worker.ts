import { workerData } from 'piscina';
import { encoderThread } from '../../core/pat/encoder/encoder-thread.ts';
import type { EncoderThreadData } from '../../core/pat/ports.ts';
import { loadEncoder } from './onnx-encoder.ts';

/** A worker thread of this engine. */
export const { describeEngine, encodeWeek } = encoderThread(() => loadEncoder(workerData as EncoderThreadData));
