// The environment of the servers under test: ours, without variables that are for the tests
// (PARTYLINE_SEED, PARTYLINE_LONG), that configure somebody's own server, or that tell programs that nobody
// looks at them (CI: no colours): a terminal under test has its person.

export const ENVIRONMENT: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("PARTYLINE_") && name !== "CI"),
);
