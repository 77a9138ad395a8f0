// The one place where an address becomes a script: the page's policy lets no other text become one.

interface Policy {
  createScriptURL(url: string): string;
}

const { trustedTypes } = globalThis as {
  trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
};

const policy = trustedTypes?.createPolicy("partyline", {
  createScriptURL(url) {
    if (new URL(url).origin !== location.origin) throw new TypeError(`${url} is not ours`);
    return url;
  },
});

/** @throws TypeError for an address of another site */
export function trusted(url: string): string {
  return policy === undefined ? url : policy.createScriptURL(url);
}
