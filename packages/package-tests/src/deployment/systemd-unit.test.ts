import { readServerSettings } from "@user-management/http/testing";
import { expect, test } from "vitest";
import { readDocument } from "../documents/read-document.ts";

/** The sections of the unit, with the values of each directive in order. */
const unit = parseUnit(readDocument("deploy/users.service"));
const service = unit["Service"]!;

function parseUnit(text: string): Record<string, Record<string, string[]>> {
  const sections: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> | undefined;
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, title] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (title !== undefined) {
      section = sections[title] = {};
      continue;
    }
    const [, name, value] = /^(\w+)=(.*)$/.exec(line)!;
    (section![name!] ??= []).push(value!);
  }
  return sections;
}

test("the unit runs the built server and starts at boot", () => {
  expect(Object.keys(unit)).toEqual(["Unit", "Service", "Install"]);
  expect(service["ExecStart"]).toEqual(["/usr/bin/node /opt/user-management/main.js"]);
  expect(unit["Install"]).toEqual({ WantedBy: ["multi-user.target"] });
});

test("the database is in the state directory, which only the dynamic user can access", () => {
  expect(service).toMatchObject({ DynamicUser: ["yes"], StateDirectoryMode: ["0700"], UMask: ["0077"] });
  const [name] = service["StateDirectory"]!;
  const variables = service["Environment"]!.map((variable) => variable.split("=") as [string, string]);
  const settings = readServerSettings(Object.fromEntries(variables));
  expect(settings.SQLITE_PATH).toBe(`%S/${name}/users.db`);
});

test("systemd waits until the server has drained", () => {
  expect(Number(service["TimeoutStopSec"])).toBeGreaterThan(10);
  expect(service["Restart"]).toEqual(["on-failure"]);
});

test("the service has no privileges, and sees neither devices, homes nor other processes", () => {
  expect(service).toMatchObject({
    CapabilityBoundingSet: [""],
    PrivateDevices: ["yes"],
    PrivateUsers: ["yes"],
    ProtectHome: ["yes"],
    ProtectProc: ["invisible"],
    RestrictAddressFamilies: ["AF_INET AF_INET6 AF_UNIX"],
    RestrictNamespaces: ["yes"],
    SystemCallFilter: ["@system-service", "~@privileged @resources"],
  });
  // V8 compiles JavaScript to machine code.
  expect(service).not.toHaveProperty("MemoryDenyWriteExecute");
});
