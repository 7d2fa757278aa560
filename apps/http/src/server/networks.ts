import { BlockList, isIP, isIPv4 } from "node:net";

/** A set of IP addresses and networks. */
export interface Networks {
  /** Reports whether the set contains an address. `undefined`, and any text that is not an IP address, is in no set. */
  readonly includes: (address: string | undefined) => boolean;
}

/**
 * Creates a set of addresses and CIDR ranges, such as `10.0.0.0/8`. An IPv4-mapped address (RFC 4291 section 2.5.5.2) is
 * the IPv4 address that it contains.
 *
 * @throws RangeError if an entry is neither
 */
export function createNetworks(entries: readonly string[]): Networks {
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  return { includes: (address) => address !== undefined && isListed(list, address) };
}

/** The IPv6 addresses that only this machine reaches (RFC 6890), also IPv4-mapped ones. */
const LOOPBACK = createNetworks(["::1", "::ffff:127.0.0.0/104"]);

/** Reports whether an address is a loopback address: without a search for 127.0.0.0/8, as every local request needs it. */
export function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith("127.") : LOOPBACK.includes(address);
}

function addEntry(list: BlockList, entry: string): void {
  const [address = "", prefix, ...rest] = entry.split("/");
  const family = getFamily(address);
  const maxPrefix = family === "ipv4" ? 32 : 128;
  const length = prefix === undefined ? maxPrefix : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  if (!family || rest.length > 0 || length > maxPrefix) throw new RangeError(`${entry} is not a network`);
  list.addSubnet(address, length, family);
}

/** `BlockList` compares an IPv4-mapped address with IPv4 networks as well. */
function isListed(list: BlockList, address: string): boolean {
  const [withoutZone = ""] = address.split("%");
  const family = getFamily(withoutZone);
  return family !== undefined && list.check(withoutZone, family);
}

function getFamily(address: string): "ipv4" | "ipv6" | undefined {
  return ({ 4: "ipv4", 6: "ipv6" } as const)[isIP(address)];
}
