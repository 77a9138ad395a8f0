// The environment of the servers under test: ours, without variables that are for the tests
// (PARTYLINE_SEED, PARTYLINE_LONG) or that configure somebody's own server.

export const ENVIRONMENT: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("PARTYLINE_")),
);
