/** What an answering method learns beside the question. */
export interface AskContext {
  /** Nobody waits for the answer after this. */
  deadline: Date;
  correlationId?: string;
}
