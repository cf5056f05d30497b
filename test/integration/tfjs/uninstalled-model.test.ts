import { UninstalledModel } from '../../../adapters/tfjs/uninstalled-model.ts';
import { actigraphyModelContract } from '../../contracts/actigraphy-model.contract.ts';

actigraphyModelContract('without weights', async () => new UninstalledModel());
