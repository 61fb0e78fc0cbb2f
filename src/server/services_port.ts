/** Services over plain HTTP that the server lets in by its own rules and knows nothing else of. */

/** What answers under `/v1/`. Disposing ends what is under way there. */
export interface ServicesPort extends Disposable {
  /** Answers a request that may be here. */
  fetch(request: Request): Response | Promise<Response>;
  /** What a request that may not is answered, in the form in which its sender reads failures. */
  refuse(status: 401 | 403, message: string): Response;
}

/** Whether requests of this path are the services'. */
export function isServicePath(path: string): boolean {
  return path.startsWith("/v1/");
}
