// Servers of other projects on the same work, configured so that no limit of theirs is measured.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../child.ts";
import type { DialectName } from "../load/dialects/dialects.ts";
import { findCommand, freePort, STOP_TIMEOUT, type Target, waitForPort } from "./target.ts";

interface Rival {
  readonly name: string;
  readonly debianPackage: string;
  readonly dialect: DialectName;
  configuration(port: number): string;
  args(configurationFile: string): string[];
}

const RIVALS: readonly Rival[] = [
  {
    name: "ngircd",
    debianPackage: "ngircd",
    dialect: "irc",
    configuration: (port) => `[Global]
Name = bench.invalid
Info = bench
Listen = 127.0.0.1
Ports = ${port}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
`,
    args: (file) => ["-n", "-f", file],
  },
  {
    name: "nats-server",
    debianPackage: "nats-server",
    dialect: "nats",
    configuration: (port) => `host: "127.0.0.1"
port: ${port}
max_pending: 1GB
write_deadline: "60s"
`,
    args: (file) => ["-c", file],
  },
  {
    name: "mosquitto",
    debianPackage: "mosquitto",
    dialect: "mqtt",
    configuration: (port) => `listener ${port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_queued_bytes 0
set_tcp_nodelay true
log_type error
`,
    args: (file) => ["-c", file],
  },
];

function rivalTarget(rival: Rival): Target {
  const { name, dialect } = rival;
  const command = findCommand(name);
  const target: Target = {
    name,
    dialect,
    ...(command === undefined
      ? { missing: `${name} is not installed: apt-get install ${rival.debianPackage}` }
      : {}),
    start: async (folder) => {
      const port = await freePort();
      const file = join(folder, `${name}.conf`);
      writeFileSync(file, rival.configuration(port));
      const child = new Child(name, [command ?? name, ...rival.args(file)]);
      try {
        await waitForPort(port, child);
      } catch (error) {
        child.kill();
        throw error;
      }
      return {
        target,
        port,
        pid: child.pid,
        stop: async () => {
          await child.stop(STOP_TIMEOUT);
        },
      };
    },
  };
  return target;
}

export const rivalTargets: readonly Target[] = RIVALS.map(rivalTarget);
