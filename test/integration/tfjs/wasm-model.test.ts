import { actigraphyModelContract, ALL_CASES } from '../../contracts/actigraphy-model.contract.ts';
import { ENGINES, makeOn } from '../worker-threads/engines-under-test.ts';

actigraphyModelContract('TensorFlow.js on WebAssembly', { make: makeOn(ENGINES.wasm), cases: ALL_CASES });
