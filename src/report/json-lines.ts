import type { RunEvent } from '../model/event.ts';
import { operationDocument } from './document.ts';
import type { Describe, Output } from './output.ts';
import type { Reporter } from './reporter.ts';

/** Every event as one line of JSON, as it comes. Secrets stand as references. */
export function createJsonReporter(output: Output, describe: Describe): Reporter {
  return {
    emit: (event) => {
      output.write(`${JSON.stringify(eventDocument(event, describe))}\n`);
    },
    hold: () => () => {},
    close: () => {},
  };
}

function eventDocument(event: RunEvent, describe: Describe): unknown {
  if (!('operation' in event)) return event;
  return { ...event, operation: operationDocument(event.operation, describe) };
}
