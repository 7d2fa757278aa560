import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Returns the resident memory of a process in bytes, from Linux's `/proc`. */
export function getResidentMemoryBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return Number(kibibytes) * 1_024;
}

/** Reports whether a signal has stopped the process. */
export function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

/** Returns the remote ports of the TCP sockets that a process has open, in any state of their connections. */
export function getRemotePorts(pid: number): number[] {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => readSocketInode(`/proc/${pid}/fd/${fd}`)));
  return ["tcp", "tcp6"].flatMap((family) => {
    const [, ...rows] = readFileSync(`/proc/${pid}/net/${family}`, "utf8").trimEnd().split("\n");
    return rows
      .map((row) => row.trim().split(/\s+/)) // proc_pid_net(5): slot, local, remote, state, …, inode
      .filter((columns) => inodes.has(columns[9]))
      .map((columns) => Number.parseInt(columns[2]!.split(":")[1]!, 16));
  });
}

function readSocketInode(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(descriptor))?.[1];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // closed after the folder was read
    throw error;
  }
}
