import { ENGINE_NAMES, type EngineChoice, type EngineModule } from '../ports.ts';

/** The engines that a choice allows, the fastest first: all of them for `auto`, otherwise the one that is named. */
export const enginesOf = (choice: EngineChoice, known: readonly EngineModule[]): readonly EngineModule[] =>
  ENGINE_NAMES.filter((name) => choice === 'auto' || choice === name).flatMap((name) =>
    known.filter((engine) => engine.name === name),
  );
