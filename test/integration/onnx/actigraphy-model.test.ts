import { actigraphyModelContract, ALL_CASES } from '../../contracts/actigraphy-model.contract.ts';
import { ENGINES, makeOn } from '../worker-threads/engines-under-test.ts';

actigraphyModelContract('ONNX Runtime', { make: makeOn(ENGINES.onnx), cases: ALL_CASES });
