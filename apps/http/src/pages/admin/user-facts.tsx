import type { User } from "@user-management/client";
import { formatTime, isSuspended } from "./fields.ts";

/** The members that the service sets. */
export function UserFacts({ user }: { readonly user: User }) {
  const facts = [
    ["Status", isSuspended(user) ? "Suspended" : "Active"],
    ["Created", formatTime(user.created_at, "short")],
    ["Last change", formatTime(user.updated_at, "short")],
    ["Version", user.version ?? "—"],
    ["Id", <code key="id">{user.user_id}</code>],
  ] as const;
  return (
    <dl class="facts">
      {facts.map(([term, fact]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
