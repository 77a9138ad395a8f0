// The certificate and its key, from their files: at the start, and again when they are renewed.

import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { TlsCredentials } from "../listen/tls.ts";
import { CommandError } from "./command-error.ts";
import type { ServerConfig } from "./options.ts";

type TlsConfig = Pick<ServerConfig, "tls" | "tlsCert" | "tlsKey">;

/**
 * @returns undefined when this server does without
 * @throws CommandError when something is missing, or the files cannot be used
 */
export function readTlsFiles({ tls, tlsCert, tlsKey }: TlsConfig): TlsCredentials | undefined {
  if (tls === "off") return undefined;
  if (tlsCert === "" && tlsKey === "") {
    if (tls === "optional") return undefined;
    throw new CommandError("--tls required needs --tls-cert and --tls-key", 2);
  }
  if (tlsCert === "" || tlsKey === "") {
    const [given, missing] = tlsCert === "" ? ["key", "cert"] : ["cert", "key"];
    throw new CommandError(`--tls-${given} needs --tls-${missing} beside it`, 2);
  }
  const credentials = { cert: read(tlsCert, "certificate"), key: read(tlsKey, "key") };
  try {
    createSecureContext(credentials);
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(
      `the certificate ${tlsCert} and the key ${tlsKey} cannot be used: ${message}`,
      1,
      { cause: error },
    );
  }
  return credentials;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(`cannot read the ${what} ${file}: ${(error as Error).message}`, 1, {
      cause: error,
    });
  }
}
