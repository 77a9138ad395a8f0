// Two certificates with their keys, made for these tests and good for nothing else.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
  /** Whose it is, as a client sees it. */
  readonly commonName: string;
}

function certificate(commonName: string): TestCertificate {
  const [certFile, keyFile] = ["cert", "key"].map((what) =>
    join(import.meta.dirname, "tls", `${commonName}.${what}.pem`),
  ) as [string, string];
  const cert = readFileSync(certFile, "utf8");
  return { certFile, keyFile, cert, key: readFileSync(keyFile, "utf8"), commonName };
}

export const ONE: TestCertificate = certificate("one");
export const TWO: TestCertificate = certificate("two");
