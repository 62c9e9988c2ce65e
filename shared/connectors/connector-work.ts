/** What is done about a message, wherever it waited. */
import type { ConnectorMessage } from './connector-message.ts';
import type { WorkPlace } from './send-work.ts';

/** Who works, and until when. */
export interface ConnectorWorker {
  readonly place: WorkPlace;
  /** Of this message in this invocation. */
  readonly id: string;
  /** Epoch milliseconds: when the invocation is ended, finished or not. */
  readonly deadlineAt: number;
}

type Kind = ConnectorMessage['work'];

/** How each kind of work is done that is done from here. */
export type ConnectorWork = {
  readonly [Work in Kind]?: (
    message: Extract<ConnectorMessage, { readonly work: Work }>,
    worker: ConnectorWorker,
  ) => Promise<'done'>;
};

export async function doWork(work: ConnectorWork, message: ConnectorMessage, worker: ConnectorWorker): Promise<'done'> {
  switch (message.work) {
    case 'tell':
      return (work.tell ?? elsewhere)(message, worker);
    case 'check':
      return (work.check ?? elsewhere)(message, worker);
    case 'test':
      return (work.test ?? elsewhere)(message, worker);
    case 'poll':
      return (work.poll ?? elsewhere)(message, worker);
  }
}

async function elsewhere({ work }: ConnectorMessage, { place }: ConnectorWorker): Promise<never> {
  return Promise.reject(new Error(`"${work}" is nothing that is done from ${place}.`));
}
