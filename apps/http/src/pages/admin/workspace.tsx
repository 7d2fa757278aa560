import type { User } from "@user-management/client";
import { useRef, useState } from "preact/hooks";
import { ExportBar, formatCount } from "./export-bar.tsx";
import { FindBox } from "./find-box.tsx";
import { ImportDialog } from "./import-dialog.tsx";
import { ListView } from "./list-view.tsx";
import { NewUser } from "./new-user.tsx";
import type { Session } from "./session.ts";
import { UnsavedDialog } from "./unsaved-dialog.tsx";
import { useFocusReturn } from "./use-focus-return.ts";
import { useList } from "./use-list.ts";
import { useOffline } from "./use-offline.ts";
import { useRoute } from "./use-route.ts";
import { UserPanel } from "./user-panel.tsx";

interface WorkspaceProps {
  readonly session: Session;
  readonly onSignOut: () => void;
}

/** The list, the user or form beside it, and the actions that the scopes of the key permit. */
export function Workspace({ session, onSignOut }: WorkspaceProps) {
  const { scopes, transfers, isAnonymous } = session;
  const list = useList(session);
  const { route, navigate, replace, leave, setUnsaved, pending, discard, keep } = useRoute();
  const [notice, setNotice] = useState("");
  const [file, setFile] = useState<File>();
  const picker = useRef<HTMLInputElement>(null);
  const createdId = useRef<string | undefined>(undefined);
  const isOffline = useOffline();
  const canRead = scopes.has("users:read");
  const openId = route.kind === "user" ? route.id : undefined;
  useFocusReturn(openId, route.kind);

  const open = (user: User) => {
    setNotice("");
    navigate({ kind: "user", id: user.user_id });
  };
  const close = () => navigate({ kind: "list" });
  // Closes the user first, because the result may be that there is none.
  const find = (text: string) =>
    leave(() => {
      if (route.kind !== "list") replace({ kind: "list" });
      void list.find(text, open);
    });
  const onStored = (user: User) => {
    if (createdId.current === user.user_id || list.users?.some(({ user_id }) => user_id === user.user_id))
      list.show(user);
  };

  return (
    <>
      <header class="top">
        <h1>Users</h1>
        {canRead && <FindBox onFind={find} />}
        {scopes.has("users:write") && (
          <button type="button" class="primary" data-new onClick={() => navigate({ kind: "new" })}>
            New user
          </button>
        )}
        <div class="tools">
          {scopes.has("users:list") && <ExportBar client={transfers} onSaved={setNotice} />}
          {scopes.has("users:write") && (
            <button type="button" onClick={() => picker.current?.click()}>
              Import
            </button>
          )}
          {!isAnonymous && (
            <button type="button" onClick={() => leave(onSignOut)}>
              Sign out
            </button>
          )}
        </div>
        <input
          ref={picker}
          type="file"
          hidden
          accept=".csv,.ndjson,.jsonl,.json"
          aria-label="File to import"
          onChange={(event) => {
            setFile(event.currentTarget.files?.[0]);
            event.currentTarget.value = ""; // The same file may be chosen again.
          }}
        />
      </header>
      {isOffline && (
        <p class="notice error" role="alert">
          This device is offline. What you type is kept; save it when the connection is back.
        </p>
      )}
      <p class="notice" role="status">
        {notice}
      </p>
      <main class={route.kind === "list" ? "layout" : "layout split"}>
        <ListView list={list} canList={scopes.has("users:list")} openId={openId} onOpen={canRead ? open : undefined} />
        {route.kind === "new" && (
          <NewUser
            users={session.users}
            onUnsaved={setUnsaved}
            onClose={close}
            onCreated={(id) => {
              createdId.current = id;
              setNotice(canRead ? "User created." : `User created with the id ${id}.`);
              replace(canRead ? { kind: "user", id } : { kind: "list" });
            }}
          />
        )}
        {route.kind === "user" && (
          <UserPanel
            key={route.id}
            session={session}
            id={route.id}
            onStored={onStored}
            onSaved={setNotice}
            onUnsaved={setUnsaved}
            onClose={close}
            onDeleted={() => {
              setNotice("User deleted.");
              list.remove(route.id);
              replace({ kind: "list" });
            }}
          />
        )}
      </main>
      {pending && <UnsavedDialog onKeep={keep} onDiscard={discard} />}
      {file && (
        <ImportDialog
          client={transfers}
          file={file}
          onClose={(created) => {
            setFile(undefined);
            if (created === 0) return;
            setNotice(`${formatCount(created)} imported.`);
            if (scopes.has("users:list")) void list.reload();
          }}
        />
      )}
    </>
  );
}
