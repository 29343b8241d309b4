#!/usr/bin/env bash
# A Pulumi command that is killed at the wrong moment leaves a stack that cannot be read and a backend that cannot be listed, although
# the state is intact.
#
# Versions: Pulumi CLI 3.276.0 (gocloud.dev's fileblob), strace 6.1. Date: 2026-11-30.
# Behavior: a backend of files keeps beside each state a file of attributes, STACK.json.attrs, which holds a content type and an MD5.
#   The state is written to a temporary file and renamed; the attributes are emptied and written in place, before the rename. A process
#   that is killed in between leaves them empty. From then on `pulumi stack ls` fails for all stacks of the backend with "EOF", and every
#   command on that stack with "failed to load checkpoint: EOF", `pulumi cancel` included; no message names the file. Removing the
#   empty file is enough: the state is read without it.
# Expected: attributes that can be done without do not matter when they are damaged, and a write that is interrupted leaves the old
#   version of a stack or the new one.
# Output seen:
#   pulumi stack import, killed when it writes dev.json.attrs: exit code 137; dev.json: as before; dev.json.attrs: 0 bytes
#   pulumi stack ls: error: EOF
#   pulumi stack export --stack dev: error: failed to load checkpoint: EOF
#   pulumi cancel --stack dev: error: failed to load checkpoint: EOF
#   after rm dev.json.attrs: 2 stacks listed, dev can be exported
#   As described: an empty file of attributes hides an intact state
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/pulumi.sh"

require strace
install_pulumi

cd "$work"
printf 'name: demo\nruntime: nodejs\n' >Pulumi.yaml
for stack in prod dev; do quietly init.log pulumi stack init "$stack"; done
pulumi stack export --stack dev >deployment.json
state=$work/state/.pulumi/stacks/demo/dev.json
cp "$state" "$work/dev.json"

# strace kills the process when it writes the attributes, as a power cut or the out-of-memory killer may.
code=0
{
  strace --follow-forks --output=strace.log --trace-path="$state.attrs" --trace=write --inject=write:signal=KILL:when=1 \
    pulumi stack import --stack dev --file deployment.json || code=$?
} >import.log 2>&1
cmp --quiet "$state" "$work/dev.json" || changed "the state is not what it was"
printf 'pulumi stack import, killed when it writes dev.json.attrs: exit code %s; dev.json: as before; dev.json.attrs: %s bytes\n' \
  "$code" "$(stat --format=%s "$state.attrs")"

# message_of WORD...: sets $message to the first line of what pulumi answers.
message_of() {
  message=$(pulumi "$@" 2>&1 | sed --quiet 1p) || true
  printf 'pulumi %s: %s\n' "$*" "$message"
}

message_of stack ls
[[ $message == "error: EOF" ]] || changed "the stacks are listed, or the message is another one"
for command in "stack export" cancel; do
  # shellcheck disable=SC2086 # two words
  message_of $command --stack dev
  [[ $message == "error: failed to load checkpoint: EOF" ]] || changed "the stack can be read, or the message is another one"
done
rm "$state.attrs"
count=$(pulumi stack ls --json | grep --count '"name"')
pulumi stack export --stack dev >/dev/null || changed "the state cannot be read without attributes"
printf 'after rm dev.json.attrs: %s stacks listed, dev can be exported\n' "$count"
confirmed "an empty file of attributes hides an intact state"
