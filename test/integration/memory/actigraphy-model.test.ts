import { MemoryActigraphyModel } from '../../../adapters/memory/actigraphy-model.ts';
import { actigraphyModelContract } from '../../contracts/actigraphy-model.contract.ts';
import { repositoryWith } from '../../fixtures/pat/installed-models.ts';
import { valueOf } from '../../unit/result-values.ts';

actigraphyModelContract('by its definition', {
  make: async (weights) => {
    const close = () => Promise.resolve();
    if (weights === null) return { model: new MemoryActigraphyModel(null), close };
    const models = await repositoryWith(weights);
    const [entry] = valueOf(await models.catalogue()).models;
    return { model: new MemoryActigraphyModel(valueOf(await models.readWeights(entry!))), close };
  },
  cases: [
    ['S', 'week'],
    ['M', 'first_3_days'],
  ],
});
