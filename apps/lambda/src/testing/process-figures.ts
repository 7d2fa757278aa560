import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What Linux tells of a process under `/proc`: the memory that it holds, in bytes. */
export function residentMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return Number(kilobytes) * 1_024;
}

/** Whether a signal has stopped the process. */
export function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

/** The remote ports of the TCP connections that a process holds open, whatever state they are in. */
export function remotePorts(pid: number): number[] {
  const held = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
  return ["tcp", "tcp6"].flatMap((family) => {
    const [, ...rows] = readFileSync(`/proc/${pid}/net/${family}`, "utf8").trimEnd().split("\n");
    return rows
      .map((row) => row.trim().split(/\s+/)) // proc_pid_net(5): slot, local, remote, state, …, inode
      .filter((columns) => held.has(columns[9]))
      .map((columns) => Number.parseInt(columns[2]!.split(":")[1]!, 16));
  });
}

function inodeOf(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(descriptor))?.[1];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // closed since the folder was read
    throw error;
  }
}
