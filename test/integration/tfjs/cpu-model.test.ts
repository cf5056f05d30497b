import { actigraphyModelContract } from '../../contracts/actigraphy-model.contract.ts';
import { ENGINES, makeOn } from '../worker-threads/engines-under-test.ts';

actigraphyModelContract('TensorFlow.js in plain JavaScript', {
  make: makeOn(ENGINES.cpu),
  cases: [
    ['S', 'week'],
    ['M', 'first_3_days'],
  ],
});
