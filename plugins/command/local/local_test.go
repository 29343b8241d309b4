package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
)

func ptr[T any](value T) *T { return &value }

func create(t *testing.T, inputs CommandInputs) (CommandOutputs, error) {
	t.Helper()
	response, err := new(Command).Create(t.Context(), infer.CreateRequest[CommandInputs]{Name: "it", Inputs: inputs})
	return response.Output, err
}

func mustCreate(t *testing.T, inputs CommandInputs) CommandOutputs {
	t.Helper()
	output, err := create(t, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func update(t *testing.T, state CommandOutputs, inputs CommandInputs) CommandOutputs {
	t.Helper()
	response, err := new(Command).Update(t.Context(),
		infer.UpdateRequest[CommandInputs, CommandOutputs]{State: state, Inputs: inputs})
	if err != nil {
		t.Fatal(err)
	}
	return response.Output
}

func TestBothStreamsAreKeptApart(t *testing.T) {
	output := mustCreate(t, CommandInputs{Create: ptr("echo out; echo err >&2")})
	if output.Stdout != "out" || output.Stderr != "err" {
		t.Errorf("got %q and %q", output.Stdout, output.Stderr)
	}
}

func TestStdinEnvironmentInterpreterAndDirReachTheCommand(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	output := mustCreate(t, CommandInputs{
		Create: ptr(`read -r line; echo "$line $A $0"; pwd`),
		Settings: Settings{
			Stdin: ptr("from stdin\n"), Environment: &map[string]string{"A": "b"}, Dir: &dir,
			Interpreter: &[]string{"/bin/sh", "-c"},
		},
	})
	if want := "from stdin b /bin/sh\n" + dir; output.Stdout != want {
		t.Errorf("got %q, want %q", output.Stdout, want)
	}
}

func TestAPreviewRunsNothing(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "ran")
	inputs := CommandInputs{Create: ptr("touch " + marker)}
	ctx := t.Context()
	if _, err := new(Command).Create(ctx, infer.CreateRequest[CommandInputs]{Name: "it", Inputs: inputs, DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := new(Command).Update(ctx,
		infer.UpdateRequest[CommandInputs, CommandOutputs]{Inputs: inputs, DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(marker); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the command ran: %v", err)
	}
}

func TestAnUpdateRunsUpdateElseCreateAndSeesThePreviousOutput(t *testing.T) {
	show := ptr(`echo "was $PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"`)
	state := mustCreate(t, CommandInputs{Create: ptr("echo one; echo two >&2")})
	if got := update(t, state, CommandInputs{Create: show}).Stdout; got != "was one/two" {
		t.Errorf("create as update: got %q", got)
	}
	if got := update(t, state, CommandInputs{Create: ptr("exit 1"), Update: show}).Stdout; got != "was one/two" {
		t.Errorf("update: got %q", got)
	}
	quiet := CommandInputs{Update: show, Settings: Settings{AddPreviousOutputInEnv: ptr(false)}}
	if got := update(t, state, quiet).Stdout; got != "was /" {
		t.Errorf("addPreviousOutputInEnv false: got %q", got)
	}
	if got := update(t, state, CommandInputs{}).Stdout; got != "one" {
		t.Errorf("nothing to run: got %q", got)
	}
}

func TestADeleteRunsWithThePreviousOutput(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "deleted")
	state := mustCreate(t, CommandInputs{
		Create: ptr("echo made"), Delete: ptr(`echo "$PULUMI_COMMAND_STDOUT" > ` + marker),
	})
	if _, err := new(Command).Delete(t.Context(), infer.DeleteRequest[CommandOutputs]{State: state}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(marker); string(got) != "made\n" {
		t.Errorf("got %q", got)
	}
}

func TestAFailureNamesTheExitStatusAndStderrAndNoSecret(t *testing.T) {
	_, err := create(t, CommandInputs{
		Create: ptr("# command-secret\nset -x; read -r line; echo \"$line\" >&2; echo \"$TOKEN\" >&2; echo useful >&2; exit 3"),
		Settings: Settings{
			Stdin: ptr("stdin-secret\n"), Environment: &map[string]string{"TOKEN": "env-secret"},
		},
	})
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	for _, want := range []string{"local create command", "exit status 3", "useful"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	for _, secret := range []string{"command-secret", "stdin-secret", "env-secret"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %q", secret, text)
		}
	}
}

func TestAMissingInterpreterOrFolderIsAnError(t *testing.T) {
	for name, settings := range map[string]Settings{
		"interpreter": {Interpreter: &[]string{"no-such-interpreter"}},
		"empty":       {Interpreter: &[]string{""}},
		"folder":      {Dir: ptr("/no/such/folder")},
	} {
		if _, err := create(t, CommandInputs{Create: ptr("true"), Settings: settings}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCancellingEndsTheWholeProcessGroup(t *testing.T) {
	for name, command := range map[string]string{
		"a child that obeys":                "sleep 300 & echo $! > child; wait",
		"a child that ignores SIGTERM":      "(trap '' TERM; sleep 300) & echo $! > child; wait",
		"a shell that ignores SIGTERM, too": "trap '' TERM; sleep 300 & echo $! > child; wait",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := run(ctx, job{did: "it", command: command}, Settings{Dir: &dir})
				ended <- err
			}()
			pid := waitForPid(t, filepath.Join(dir, "child"))
			cancel()
			if err := <-ended; err == nil || !strings.Contains(err.Error(), "cancelled") {
				t.Errorf("got %v", err)
			}
			waitForEnd(t, pid)
		})
	}
}

func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && !isZombie(pid) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("process %d is still there", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// isZombie distinguishes an ended process that nobody has waited for from a running one. Without /proc, no process is one.
func isZombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z")
}

func waitForPid(t *testing.T, file string) int {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(file); err == nil && strings.HasSuffix(string(text), "\n") {
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatalf("%s was not written", file)
	return 0
}

func TestACancelledContextStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	marker := filepath.Join(t.TempDir(), "ran")
	if _, err := run(ctx, job{did: "it", command: "touch " + marker}, Settings{}); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the command ran")
	}
}

func TestGlobsTakeFilesInAndOut(t *testing.T) {
	dir := t.TempDir()
	output := mustCreate(t, CommandInputs{
		Create: ptr("mkdir -p a/b; touch top.txt a/one.txt a/b/two.txt a/b/secret.txt"),
		Settings: Settings{
			Dir: &dir, AssetPaths: &[]string{"*.txt", "a/**", "!**secret*"}, ArchivePaths: &[]string{"a/*"},
		},
	})
	if len(*output.Assets) != 3 || (*output.Assets)["a/b/two.txt"] == nil || (*output.Assets)["top.txt"] == nil {
		t.Errorf("assets: %v", *output.Assets)
	}
	if got := (*output.Assets)["top.txt"].Asset; got.Path != filepath.Join(dir, "top.txt") || got.Hash == "" {
		t.Errorf("asset: %+v", got)
	}
	if len(output.Archive.Assets) != 1 || output.Archive.Assets["a/one.txt"] == nil {
		t.Errorf("archive: %v", output.Archive.Assets)
	}
}

func TestABadGlobIsAnError(t *testing.T) {
	_, err := create(t, CommandInputs{Create: ptr("true"), Settings: Settings{Dir: ptr(t.TempDir()), AssetPaths: &[]string{"[a"}}})
	if err == nil || !strings.Contains(err.Error(), "assetPaths") {
		t.Errorf("got %v", err)
	}
}

func TestRunGivesArgumentsAndResults(t *testing.T) {
	response, err := new(Run).Invoke(t.Context(), infer.FunctionRequest[RunInputs]{Input: RunInputs{Command: "echo hi; echo no >&2"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Output; got.Stdout != "hi" || got.Stderr != "no" || got.Command != "echo hi; echo no >&2" {
		t.Errorf("got %+v", got)
	}
}
