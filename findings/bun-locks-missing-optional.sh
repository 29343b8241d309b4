#!/usr/bin/env bash
# A registry that lacks a platform's package once breaks a bun project for good: the lock file keeps its absence.
#
# Versions: bun 1.4.5, on x86_64 and aarch64. Date: 2026-11-30.
# Behavior: a package whose program is in an optional dependency per platform (as esbuild, Codex and Claude Code are) is added from a
#   registry that does not have this platform's package yet, as a mirror that lags behind. bun prints `warn: GET ... - 404`, exits with
#   0, and writes a bun.lock without the dependency. When the registry has it, `bun install`, `bun add` of the same version and
#   `bun install --force` exit with 0 and do not install it. Only without bun.lock does bun ask again.
# Expected: an exit code that a script can see, or a `--force` that asks for what was missing.
# Output seen:
#   bun add while the package is missing: exit 0, dependency absent
#   bun install when it is there: exit 0, dependency absent
#   bun add when it is there: exit 0, dependency absent
#   bun install --force: exit 0, dependency absent
#   bun install without bun.lock: exit 0, dependency installed
#   As described: what was missing once is installed only without the lock file
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"

install_node
case $(uname -m) in
  x86_64) platform=linux-x64 cpu=x64 ;;
  *) platform=linux-aarch64 cpu=arm64 ;;
esac
node_packages "@oven/bun-$platform@1.4.5"
bun=$work/node_modules/@oven/bun-$platform/bin/bun
chmod +x "$bun"
export BUN_INSTALL=$work/bun BUN_INSTALL_CACHE_DIR=$work/cache

# package NAME FIELDS: $work/NAME.tgz, as npm packs it.
package() {
  mkdir --parents "$work/pack/package"
  printf '{ "name": "%s", "version": "1.0.0"%s }\n' "$1" "$2" >"$work/pack/package/package.json"
  tar --create --gzip --file "$work/$1.tgz" --directory "$work/pack" package
}
optional=", \"optionalDependencies\": { \"tool-native\": \"1.0.0\" }"
native=", \"os\": [\"linux\"], \"cpu\": [\"$cpu\"]"
package tool "$optional"
package tool-native "$native"

# A registry with both packages; it has the second when $work/complete is there.
cat >"$work/registry.mjs" <<'JS'
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
const [work, optional, native] = process.argv.slice(2);
const fields = { tool: optional, "tool-native": native };
const server = createServer((request, response) => {
  const name = /^\/(tool(-native)?)/.exec(request.url)?.[1];
  const tarball = name && readFileSync(`${work}/${name}.tgz`);
  if (!name || (name === "tool-native" && !existsSync(`${work}/complete`))) {
    response.writeHead(404).end("{}");
  } else if (request.url.endsWith(".tgz")) response.end(tarball);
  else {
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const dist = { tarball: `http://127.0.0.1:${server.address().port}/${name}/-/${name}-1.0.0.tgz`, integrity };
    const version = { ...JSON.parse(`{ "name": "${name}", "version": "1.0.0"${fields[name]} }`), dist };
    response.end(JSON.stringify({ name, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }));
  }
});
server.listen(0, "127.0.0.1", () => writeFileSync(`${work}/port`, String(server.address().port)));
JS
node "$work/registry.mjs" "$work" "$optional" "$native" 2>/dev/null &
at_exit stop_process $!
wait_until 10 test -s "$work/port" || cannot_run "the registry did not start"
BUN_CONFIG_REGISTRY=http://127.0.0.1:$(<"$work/port")/
export BUN_CONFIG_REGISTRY NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

mkdir "$work/project"
cd "$work/project"
echo '{ "name": "demo" }' >package.json
results=()

# note WHEN WORD...: runs bun, prints and remembers what there is afterwards.
note() {
  local when=$1 code=0 state=absent
  shift
  "$bun" "$@" >"$work/bun.log" 2>&1 </dev/null || code=$?
  if [[ -e node_modules/tool-native/package.json ]]; then state=installed; fi
  printf '%s: exit %s, dependency %s\n' "$when" "$code" "$state"
  results+=("$code $state")
}

note "bun add while the package is missing" add tool@1.0.0
touch "$work/complete"
note "bun install when it is there" install
note "bun add when it is there" add tool@1.0.0
note "bun install --force" install --force
rm bun.lock
note "bun install without bun.lock" install

IFS=/
[[ "${results[*]}" == "0 absent/0 absent/0 absent/0 absent/0 installed" ]] || changed "bun reports the missing package, or installs it later"
confirmed "what was missing once is installed only without the lock file"
