/** For what goes wrong beside an event: a line of its own, which names the event that it belongs to. */
import { Logger, LogFormatter, LogItem } from '@aws-lambda-powertools/logger';
import { service } from './embedded-format.ts';
import { errorIn, eventInHand } from './event-line.ts';

class OfEvent extends LogFormatter {
  override formatAttributes(
    { logLevel, message, timestamp, serviceName }: Parameters<LogFormatter['formatAttributes']>[0],
    more: Parameters<LogFormatter['formatAttributes']>[1],
  ): LogItem {
    const attributes = {
      level: logLevel,
      message,
      timestamp: timestamp.toISOString(),
      service: serviceName,
      ...eventInHand(),
    };
    return new LogItem({ attributes }).addAttributes(more);
  }

  override formatError(error: Error) {
    return errorIn(error) as ReturnType<LogFormatter['formatError']>;
  }
}

export const logger = new Logger({ serviceName: service, logFormatter: new OfEvent() });
