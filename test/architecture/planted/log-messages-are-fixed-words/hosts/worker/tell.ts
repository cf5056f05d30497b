interface Log {
  readonly info: (...given: unknown[]) => void;
  readonly child: (bound: object) => Log;
}

export function tell({ logger }: { readonly logger: Log }, email: string): void {
  logger.info({ attempt: 1 }, 'mail sent');
  logger.info({ attempt: 1 }, `mail sent to ${email}`); // planted
  logger.info(email); // planted
  logger.info({ attempt: 1 }, 'mail 1 sent'); // planted
  logger.info({ attempt: 1 }); // planted
  logger.info({}, 'mail sent to %s', email); // planted
  logger['info']('mail sent'); // planted
  logger.child({ email }); // planted
}
