/** Removes credentials from a line of output: the part before an @ in an address, and the values of proxy variables. */
export function redact(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  let clean = text;
  for (const value of proxyValues(environment)) clean = clean.replaceAll(value, "(the proxy)");
  return clean.replace(/:\/\/[^/@\s"']*@/g, "://***@");
}

function proxyValues(environment: NodeJS.ProcessEnv): string[] {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!/^(https?|all)_proxy$/i.test(name) || !value) continue;
    values.add(value);
    // Tools print the address in other spellings, and the password or the host separately.
    try {
      const url = new URL(value);
      values.add(url.host);
      if (url.password) values.add(decodeURIComponent(url.password)).add(url.password);
      if (url.username) values.add(`${url.username}:${url.password}`);
    } catch {}
  }
  return [...values].filter((value) => value.length > 3).sort((a, b) => b.length - a.length);
}
