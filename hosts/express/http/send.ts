import type { Request, Response } from 'express';
import { PROBLEMS } from '../../../contracts/problems.ts';
import type { EndpointError } from './endpoint-error.ts';
import { problemDocument, problemFacts } from './problem-of.ts';

/** Answers with a problem document, and leaves the error for the request log. */
export function sendProblem(request: Request, response: Response, error: EndpointError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const facts = problemFacts(error);
  response.locals['error'] = error;
  const path = request.originalUrl.split('?')[0] ?? request.originalUrl;
  const document = problemDocument(facts, { path, id: String(response.locals['requestId'] ?? '') });
  response
    .status(PROBLEMS[facts.slug].status)
    .set(facts.headers ?? {})
    .type('application/problem+json');
  response.send(JSON.stringify(document));
}
