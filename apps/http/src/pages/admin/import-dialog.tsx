import type { UsersClient } from "@user-management/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { formatCount } from "./export-bar.tsx";
import { saveFile } from "./export-users.ts";
import { describeFailure } from "./failure.ts";
import { FailedRows } from "./failed-rows.tsx";
import { importRows, readFile, type Import } from "./import-rows.ts";
import { FileError, readRows, type Rows } from "./read-rows.ts";

interface ImportDialogProps {
  readonly client: UsersClient;
  readonly file: File;
  readonly onClose: (created: number) => void;
}

type Phase = "reading" | "preview" | "running" | "stopped" | "done";

/** Imports a file: first a preview with every invalid row, then the rows with progress, then the rows that have failed. */
export function ImportDialog({ client, file, onClose }: ImportDialogProps) {
  const [phase, setPhase] = useState<Phase>("reading");
  const [message, setMessage] = useState<string>();
  const [, setProgress] = useState(0);
  const rows = useRef<Rows | undefined>(undefined);
  const target = useRef<Import | undefined>(undefined);
  const controller = useRef<AbortController | undefined>(undefined);
  const isCsv = /\.csv$/i.test(file.name);

  async function preview() {
    try {
      const { text, keyPrefix } = await readFile(file);
      const read = readRows(text, isCsv, new Date().toISOString().slice(0, "YYYY-MM-DD".length));
      rows.current = read;
      target.current = { keyPrefix, pending: [...read.valid], failed: [...read.invalid], created: 0 };
      setPhase("preview");
    } catch (error) {
      setMessage(error instanceof FileError ? error.message : `The file cannot be read: ${String(error)}`);
      setPhase("done");
    }
  }

  async function run() {
    const { signal } = (controller.current = new AbortController());
    setPhase("running");
    setMessage(undefined);
    try {
      await importRows(client, target.current!, { signal, onProgress: () => setProgress((count) => count + 1) });
      setPhase("done");
    } catch (error) {
      setMessage(signal.aborted ? "The import was canceled." : describeFailure(error).message);
      setPhase("stopped");
    }
  }

  useEffect(() => void preview(), []);
  useEffect(() => document.querySelector<HTMLElement>("dialog .actions button")?.focus(), [phase]);
  useEffect(() => {
    if (phase !== "running") return undefined;
    const onBeforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", onBeforeUnload);
    return () => removeEventListener("beforeunload", onBeforeUnload);
  }, [phase]);

  const { pending = [], failed = [], created = 0 } = target.current ?? {};
  const { header = "", valid = [], invalid = [], hasServiceMembers = false } = rows.current ?? {};
  const total = valid.length;
  const done = total - pending.length;
  const failedRows = failed.toSorted((left, right) => left.row - right.row);
  const saveFailed = () => {
    const name = file.name.replace(/(?=\.[^.]+$|$)/, "-failed");
    saveFile(name, new Blob([header, ...failedRows.map(({ source }) => source)]));
  };

  return (
    <Dialog title="Import users" isWide onCancel={phase === "running" ? undefined : () => onClose(created)}>
      {message !== undefined && (
        <p class="notice error" role="alert">
          {message}
        </p>
      )}
      <p role="status">
        {phase === "reading" && "Reading the file …"}
        {phase === "preview" &&
          `${file.name}: ${formatCount(total)} to create, ${formatCount(invalid.length, "row")} not valid.`}
        {(phase === "done" || phase === "stopped") &&
          target.current &&
          `${formatCount(created)} created, ${formatCount(failed.length, "row")} failed${pending.length > 0 ? `, ${formatCount(pending.length, "row")} left` : ""}.`}
      </p>
      {phase === "preview" && hasServiceMembers && (
        <p class="notice">The ids, versions and times in the file are not imported. Every user gets a new id.</p>
      )}
      {phase === "running" && (
        <>
          <p>{`${done.toLocaleString()} of ${formatCount(total, "row")}`}</p>
          <progress value={done} max={total} aria-label="Import" />
        </>
      )}
      {phase !== "running" && failed.length > 0 && <FailedRows rows={failedRows} />}
      <div class="actions">
        {phase === "preview" && total > 0 && (
          <button type="button" class="primary" onClick={() => void run()}>
            {`Create ${formatCount(total)}`}
          </button>
        )}
        {phase === "stopped" && pending.length > 0 && (
          <button type="button" class="primary" onClick={() => void run()}>
            Continue
          </button>
        )}
        {phase !== "running" && failed.length > 0 && (
          <button type="button" onClick={saveFailed}>
            Download failed rows
          </button>
        )}
        {phase === "running" ? (
          <button type="button" onClick={() => controller.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={() => onClose(created)}>
            {phase === "preview" ? "Cancel" : "Close"}
          </button>
        )}
      </div>
    </Dialog>
  );
}
