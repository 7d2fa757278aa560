import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import type { Authentication } from "@user-management/domain";
import type { Authenticate } from "@user-management/rest-adapter";

type AgeSource = () => number | undefined;

export interface AccessMetrics {
  /** Returns a function that authenticates in the same way, and counts the rejections. */
  readonly countRejections: <Env>(authenticate: Authenticate<Env>) => Authenticate<Env>;
  /** Sets the function that returns the age of the list of API keys, or `undefined` before its first read. */
  readonly setKeyListAge: (getAgeMs: AgeSource) => void;
}

/**
 * Creates the metrics of access control. No label names a key: the log names a revoked or expired one once an hour, and
 * keys that operators replace would add series for ever.
 */
export function createAccessMetrics(registry: Registry): AccessMetrics {
  const rejections = new Counter({
    name: "users_rejected_credentials_total",
    help: "The number of requests without a valid credential, by reason: missing, invalid or expired.",
    labelNames: ["reason"],
    registers: [registry],
  });
  // A series that begins with its first rejection would hide it from `rate`.
  for (const reason of ["missing", "invalid", "expired"]) rejections.inc({ reason }, 0);

  let getAgeMs: AgeSource | undefined;
  registry.registerMetric(
    new Gauge({
      name: "users_api_key_list_age_seconds",
      help: "The age of the list of API keys in memory. Absent before its first read. Only requests that need a credential renew it.",
      registers: [],
      collect() {
        const ageMs = getAgeMs?.();
        if (ageMs === undefined) this.remove();
        else this.set(ageMs / 1_000);
      },
    }),
  );

  return {
    countRejections: (authenticate) => (credential, env) => {
      const authentication = authenticate(credential, env);
      return authentication instanceof Promise ? authentication.then(countRejection) : countRejection(authentication);
    },
    setKeyListAge: (get) => void (getAgeMs = get),
  };
  function countRejection(authentication: Authentication): Authentication {
    if ("rejection" in authentication) rejections.inc({ reason: authentication.rejection });
    return authentication;
  }
}
