import { NoDirectUploads } from '../../../adapters/memory/direct-uploads.ts';
import { noDirectUploadsContract } from '../../contracts/direct-uploads.contract.ts';

noDirectUploadsContract('memory', async () => ({ store: new NoDirectUploads(), close: async () => undefined }));
