import { MemoryModelRepository } from '../../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { modelRepositoryContract } from '../../contracts/model-repository.contract.ts';

modelRepositoryContract('memory', async () => {
  const models = new MemoryModelRepository(nodeDigest);
  return {
    models,
    another: () => models,
    damage: async (file) => {
      models.damage(file);
    },
    close: () => Promise.resolve(),
  };
});
