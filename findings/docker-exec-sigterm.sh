#!/usr/bin/env bash
# `docker exec` exits with 0 when SIGTERM ends it.
#
# Versions: Docker client and engine 28.5.2 (28.5.2+dfsg4-5), Debian sid; clients 20.10 and 26.1.5 ended with 143. Date: 2026-11-30.
# Behavior: SIGTERM makes the client end at once with exit code 0, while the command in the container goes on. So a caller cannot tell
#   half an output from a whole one: Node's execFile with `timeout`, which sends SIGTERM, reports no error. `docker logs --follow` of
#   the same client ends with 143. `timeout --signal=KILL` helps, since a killed client has no say in its exit code.
# Expected: a program that is ended by SIGTERM does not report success: it dies of the signal, or ends with 143 as `docker logs` does.
# Output seen:
#   docker exec, ended by SIGTERM: exit code 0, output "first line"
#   docker logs --follow, ended by SIGTERM: exit code 143
#   execFile with a timeout of 3 s: no error, output "first line"
#   As described: the exit code of an unfinished docker exec is 0
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/engine.sh"

require node
debian_root sid docker.io docker-cli iptables
print_versions docker-cli docker.io
start_engine --log-level warn
import_programs demo /usr/bin/dash /usr/bin/sleep
quietly run.log docker run --detach --init --name box demo /usr/bin/sleep 600
client=(chroot "$root" docker --host unix:///srv/docker.sock)
slow=(exec box /usr/bin/dash -c 'echo first line; sleep 30; echo last line')

# ended WORD...: starts the client with these words, ends it by SIGTERM after 3 s, and sets $code and $output.
ended() {
  local pid
  code=0
  "${client[@]}" "$@" >"$work/output" 2>&1 &
  pid=$!
  sleep 3
  kill -TERM "$pid"
  wait "$pid" || code=$?
  output=$(<"$work/output")
}

ended "${slow[@]}"
printf 'docker exec, ended by SIGTERM: exit code %s, output "%s"\n' "$code" "$output"
of_exec="$code/$output"
ended logs --follow box
printf 'docker logs --follow, ended by SIGTERM: exit code %s\n' "$code"
cat >"$work/timeout.cjs" <<'JAVASCRIPT'
const [program, ...words] = process.argv.slice(2);
require("node:child_process").execFile(program, words, { timeout: 3000 }, (error, output) => {
  console.log(`${error ? `error ${error.code ?? error.signal}` : "no error"}, output "${output.trim()}"`);
});
JAVASCRIPT
of_node=$(node "$work/timeout.cjs" "${client[@]}" "${slow[@]}")
printf 'execFile with a timeout of 3 s: %s\n' "$of_node"

[[ $of_exec == "0/first line" ]] || changed "docker exec ends in another way"
[[ $of_node == 'no error, output "first line"' ]] || changed "execFile reports something else"
((code == 143)) || changed "docker logs ends in another way"
confirmed "the exit code of an unfinished docker exec is 0"
