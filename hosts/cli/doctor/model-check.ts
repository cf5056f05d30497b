import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { verifyModels } from '../../../core/pat/installed/verify-models.ts';
import type { ModelRepository } from '../../../core/pat/ports.ts';
import { repositoryFault } from '../repository-words.ts';
import type { Check } from './run-checks.ts';

const SUBJECT = 'models';

/** Whether every installed model, head and population is the file that was installed. */
export const modelCheck = (repository: ModelRepository): Check => ({
  subject: SUBJECT,
  run: async () =>
    (await verifyModels({ repository })()).match(
      ({ files, strays }): readonly Finding[] => [
        ...files.flatMap(({ id, fault }) =>
          fault === null ? [] : [problem(SUBJECT, `${id}: ${fault}`, 'Install it again (clarity models install).')],
        ),
        ...strays.map((name) =>
          warning(SUBJECT, `${name} is in the folder and never used`, 'Install it, or remove it.'),
        ),
        ...(files.length === 0
          ? [fine(SUBJECT, 'none is installed; analyses are made without')]
          : [fine(SUBJECT, `${String(files.filter(({ fault }) => fault === null).length)} files are what they were`)]),
      ],
      (error) => [problem(SUBJECT, repositoryFault(error), 'Correct PAT_MODEL_BASE_DIR, or install the models again.')],
    ),
});
