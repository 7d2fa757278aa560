import type { UsersClient } from "@user-management/client";
import { useRef, useState } from "preact/hooks";
import { collectUsers, createExport, createFile, saveFile, type Export, type Format } from "./export-users.ts";
import { describeFailure } from "./failure.ts";

interface ExportBarProps {
  readonly client: UsersClient;
  readonly onSaved: (message: string) => void;
}

interface Running {
  readonly target: Export;
  readonly count: number;
  /** Set if the export has stopped and may continue. */
  readonly message?: string;
}

/** Exports the list, all pages, with progress. The page stays usable. */
export function ExportBar({ client, onSaved }: ExportBarProps) {
  const [format, setFormat] = useState<Format>("csv");
  const [running, setRunning] = useState<Running>();
  const controller = useRef<AbortController | undefined>(undefined);

  async function run(target: Export) {
    const { signal } = (controller.current = new AbortController());
    const onProgress = (count: number) => setRunning({ target, count });
    onProgress(target.count);
    try {
      await collectUsers(client, target, { signal, onProgress });
      const file = await createFile(target, format);
      if (signal.aborted) return;
      saveFile(`users-${new Date().toISOString().slice(0, "YYYY-MM-DD".length)}.${format}`, file);
      onSaved(`${formatCount(target.count)} exported.`);
      setRunning(undefined);
    } catch (error) {
      if (signal.aborted) return;
      setRunning({ target, count: target.count, message: describeFailure(error).message });
    }
  }

  function cancel() {
    controller.current?.abort();
    setRunning(undefined);
  }

  if (!running) {
    return (
      <div class="group">
        <select
          aria-label="File format"
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value as Format)}
        >
          <option value="csv">CSV</option>
          <option value="ndjson">NDJSON</option>
        </select>
        <button type="button" onClick={() => void run(createExport())}>
          Export
        </button>
      </div>
    );
  }
  const { target, count, message } = running;
  return (
    <div class="group transfer" role={message === undefined ? undefined : "alert"}>
      {message !== undefined && <span>{`The export has stopped. ${message}`}</span>}
      <span>{formatCount(count)}</span>
      {message === undefined ? (
        <progress aria-label="Export" />
      ) : (
        <button type="button" onClick={() => void run(target)}>
          Continue
        </button>
      )}
      <button type="button" onClick={cancel}>
        Cancel export
      </button>
    </div>
  );
}

export function formatCount(count: number, noun = "user"): string {
  return `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
}
