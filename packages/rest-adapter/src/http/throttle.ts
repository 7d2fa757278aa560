/** The number of failures that an address may have at once. */
const BURST = 20;

/** The number of failures that an address regains per second. */
const REFILL_PER_S = 1;

/** The maximum number of addresses that are tracked. Beyond it, the address whose last failure is oldest is evicted. */
const MAX_ADDRESSES = 10_000;

interface Bucket {
  tokens: number;
  updatedAtMs: number;
}

/**
 * Creates a limit of failed authentications per address: a token bucket for each. The returned function counts a failure
 * and returns 0, or the time in seconds after which the address may fail again.
 *
 * @param getTimeMs returns the time of a monotonic clock in milliseconds
 */
export function createFailureThrottle(getTimeMs: () => number = () => performance.now()): (address: string) => number {
  const buckets = new Map<string, Bucket>();

  return (address) => {
    const network = toNetwork(address);
    const bucket = refill(buckets.get(network));
    buckets.delete(network);
    buckets.set(network, bucket);
    if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value!);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / REFILL_PER_S);
    bucket.tokens -= 1;
    return 0;
  };

  function refill(bucket: Bucket | undefined): Bucket {
    const updatedAtMs = getTimeMs();
    if (!bucket) return { tokens: BURST, updatedAtMs };
    const refilled = ((updatedAtMs - bucket.updatedAtMs) / 1_000) * REFILL_PER_S;
    return { tokens: Math.min(bucket.tokens + refilled, BURST), updatedAtMs };
  }
}

/**
 * Returns an IPv4 address unchanged, and the /64 prefix of an IPv6 address, which one client usually has as a whole
 * (RFC 6177). An IPv4-mapped address counts as IPv4.
 */
function toNetwork(address: string): string {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [start = "", end = ""] = address.toLowerCase().split("::");
  const [groups, endGroups] = [start, end].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array.from({ length: 8 - groups!.length - endGroups!.length }, () => "0");
  return [...groups!, ...zeros, ...endGroups!]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
