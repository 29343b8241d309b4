package remote

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh/agent"

	"benchbox/plugins/command/internal/sshtest"
)

func ptr[T any](value T) *T { return &value }

// to is how a careful program reaches a test server.
func to(server *sshtest.Server) *Connection {
	return &Connection{Endpoint: Endpoint{
		User: &server.User, Host: ptr("127.0.0.1"), Port: &server.Port, PrivateKey: &server.ClientKey,
		HostKey: &server.HostKey, DialErrorLimit: ptr(0), PerDialTimeout: ptr(10),
	}}
}

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

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
}

func TestACommandReadsStdinAndBothStreamsAreKeptApart(t *testing.T) {
	output := mustCreate(t, CommandInputs{
		Connection: to(sshtest.Start(t)), Create: ptr("read -r x; echo $x; echo err >&2"), Stdin: ptr("from stdin\n"),
	})
	if output.Stdout != "from stdin" || output.Stderr != "err" {
		t.Errorf("got %q and %q", output.Stdout, output.Stderr)
	}
}

func TestEnvironmentArrivesWhereTheServerAcceptsIt(t *testing.T) {
	connection := to(sshtest.Start(t, "AcceptEnv GREETING PULUMI_COMMAND_*"))
	output := mustCreate(t, CommandInputs{
		Connection: connection, Create: ptr("echo $GREETING"), Environment: map[string]string{"GREETING": "hello"},
	})
	if output.Stdout != "hello" {
		t.Errorf("got %q", output.Stdout)
	}
	show := CommandInputs{Connection: connection, Update: ptr(`echo "was $PULUMI_COMMAND_STDOUT"`)}
	for wanted, text := range map[bool]string{true: "was hello", false: "was "} {
		show.AddPreviousOutputInEnv = &wanted
		response, err := new(Command).Update(t.Context(),
			infer.UpdateRequest[CommandInputs, CommandOutputs]{State: output, Inputs: show})
		if err != nil {
			t.Fatal(err)
		}
		if response.Output.Stdout != text {
			t.Errorf("addPreviousOutputInEnv %v: got %q", wanted, response.Output.Stdout)
		}
	}
}

func TestARefusedEnvironmentSaysWhatToDoAndNotTheValue(t *testing.T) {
	_, err := create(t, CommandInputs{
		Connection: to(sshtest.Start(t)), Create: ptr("true"), Environment: map[string]string{"TOKEN": "env-secret"},
	})
	wantError(t, err, `"TOKEN"`, "AcceptEnv", "stdin")
	if strings.Contains(err.Error(), "env-secret") {
		t.Errorf("the value is in %q", err)
	}
}

func TestRefusedPreviousOutputIsNoError(t *testing.T) {
	_, err := new(Command).Update(t.Context(), infer.UpdateRequest[CommandInputs, CommandOutputs]{
		State:  CommandOutputs{Results: Results{Stdout: "one"}},
		Inputs: CommandInputs{Connection: to(sshtest.Start(t)), Create: ptr("true")},
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDeleteRunsItsCommand(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "deleted")
	state := CommandOutputs{CommandInputs: CommandInputs{Connection: to(sshtest.Start(t)), Delete: ptr("touch " + marker)}}
	if _, err := new(Command).Delete(t.Context(), infer.DeleteRequest[CommandOutputs]{State: state}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(marker); err != nil {
		t.Error(err)
	}
}

func TestAFailureNamesTheExitStatusAndStderrAndNoSecret(t *testing.T) {
	connection := to(sshtest.Start(t, "AcceptEnv TOKEN"))
	connection.Password = ptr("password-secret")
	_, err := create(t, CommandInputs{
		Connection: connection, Stdin: ptr("stdin-secret"), Environment: map[string]string{"TOKEN": "env-secret"},
		Create: ptr("# command-secret\ncat >&2; echo \"$TOKEN password-secret\" >&2; echo '" + *connection.PrivateKey +
			"' >&2; echo useful >&2; exit 3"),
	})
	wantError(t, err, "remote create command", "exit status 3", "useful")
	keyLine := strings.Split(*connection.PrivateKey, "\n")[2]
	for _, secret := range []string{"command-secret", "stdin-secret", "env-secret", "password-secret", keyLine} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %q", secret, err)
		}
	}
}

func TestACommandEndedByASignalNamesIt(t *testing.T) {
	_, err := create(t, CommandInputs{Connection: to(sshtest.Start(t)), Create: ptr("kill -KILL $$")})
	wantError(t, err, "signal KILL")
}

func TestAWrongHostKeyStopsAtOnce(t *testing.T) {
	connection := to(sshtest.Start(t))
	connection.HostKey = ptr(sshtest.NewHostKey(t))
	connection.DialErrorLimit = ptr(-1)
	_, err := create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "host key mismatch", "SHA256:")
}

func TestAHostKeyOfAnotherKindStopsAtOnce(t *testing.T) {
	connection := to(sshtest.Start(t))
	connection.HostKey = ptr("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBE1dx8sKmm38aDR9e" +
		"Rf5RZkHmr5iVWcEWXhKrBTGk1tS5jS0qxWi1jr9gvvQb1ZeYT2W4hX3Hc2rLW6k2nYq4nU=")
	connection.DialErrorLimit = ptr(-1)
	_, err := create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "host")
}

func TestADeadPortIsGivenUpAfterTheLimit(t *testing.T) {
	connection := &Connection{Endpoint: Endpoint{
		Host: ptr("127.0.0.1"), Port: ptr(float64(sshtest.FreePort(t))), Password: ptr("x"), DialErrorLimit: ptr(2),
	}}
	start := time.Now()
	_, err := create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "after 3 failed attempts", "refused")
	if took := time.Since(start); took < 250*time.Millisecond || took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestThePausesAddUpToWhatProgramsCountOn(t *testing.T) {
	for limit, want := range map[int]time.Duration{10: 11300 * time.Millisecond, 20: 61200 * time.Millisecond} {
		var sum time.Duration
		for failures := 1; failures <= limit; failures++ {
			sum += pauseAfter(failures)
		}
		if (sum - want).Abs() > 500*time.Millisecond {
			t.Errorf("limit %d: %s, want about %s", limit, sum, want)
		}
	}
}

func TestASilentServerIsGivenUpAfterTheTimeLimit(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	connection := &Connection{Endpoint: Endpoint{
		Host: ptr("127.0.0.1"), Port: ptr(float64(listener.Addr().(*net.TCPAddr).Port)), Password: ptr("x"),
		DialErrorLimit: ptr(0), PerDialTimeout: ptr(1),
	}}
	_, err = create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "perDialTimeout")
}

func TestCancellingEndsTheWaitForAMachine(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := run(ctx, job{}, CommandInputs{Connection: &Connection{Endpoint: Endpoint{
		Host: ptr("127.0.0.1"), Port: ptr(float64(sshtest.FreePort(t))), Password: ptr("x"), DialErrorLimit: ptr(-1),
	}}})
	wantError(t, err, "deadline exceeded")
}

func TestCancellingEndsTheCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	connection := to(sshtest.Start(t))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := run(ctx, job{did: "it", command: "echo $$ > " + file + "; exec sleep 300"}, CommandInputs{Connection: connection})
		ended <- err
	}()
	pid := waitForPid(t, file)
	cancel()
	wantError(t, <-ended, "cancelled")
	if os.Geteuid() == 0 {
		// OpenSSH delivers signals to the sessions of other users only. The wait ends all the same.
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	sshtest.Gone(t, pid)
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

func TestAJumpHostIsGoneThroughAndItsHostKeyIsChecked(t *testing.T) {
	machine, jump := sshtest.Start(t), sshtest.Start(t)
	connection := to(machine)
	connection.Proxy = &ProxyConnection{Endpoint: to(jump).Endpoint}
	output := mustCreate(t, CommandInputs{Connection: connection, Create: ptr("echo $SSH_CONNECTION")})
	if fields := strings.Fields(output.Stdout); len(fields) != 4 || fields[3] != strconv.Itoa(int(machine.Port)) {
		t.Errorf("got %q", output.Stdout)
	}

	connection.Proxy.HostKey = ptr(sshtest.NewHostKey(t))
	_, err := create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "proxy", "host key mismatch")

	connection.Proxy.HostKey, connection.HostKey = &jump.HostKey, &jump.HostKey
	_, err = create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "through the proxy", "host key mismatch")

	connection = to(machine)
	connection.Port, connection.Proxy = ptr(float64(sshtest.FreePort(t))), &ProxyConnection{Endpoint: to(jump).Endpoint}
	_, err = create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "through the proxy", "after 1 failed attempts")
}

// startAgent serves an agent with the server's client key until the test ends.
func startAgent(t *testing.T, server *sshtest.Server) string {
	t.Helper()
	// Not t.TempDir: the path of a unix socket has to be short.
	dir, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: server.Key}); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = agent.ServeAgent(keys, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestAnAgentLogsIn(t *testing.T) {
	server := sshtest.Start(t)
	socket := startAgent(t, server)
	connection := to(server)
	connection.PrivateKey, connection.AgentSocketPath = nil, &socket
	mustCreate(t, CommandInputs{Connection: connection, Create: ptr("true")})

	connection.AgentSocketPath = nil
	t.Setenv("SSH_AUTH_SOCK", socket)
	mustCreate(t, CommandInputs{Connection: connection, Create: ptr("true")})

	other := sshtest.Start(t)
	connection = to(server)
	connection.PrivateKey, connection.AgentSocketPath = &other.ClientKey, &socket
	mustCreate(t, CommandInputs{Connection: connection, Create: ptr("true")})
}

func TestADeadAgentMattersOnlyWhereItIsNeeded(t *testing.T) {
	server := sshtest.Start(t)
	t.Setenv("SSH_AUTH_SOCK", filepath.Join(t.TempDir(), "dead"))
	connection := to(server)
	mustCreate(t, CommandInputs{Connection: connection, Create: ptr("true")})

	connection.PrivateKey = nil
	_, err := create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "SSH agent")

	connection = to(server)
	connection.AgentSocketPath = ptr("/no/such/socket")
	_, err = create(t, CommandInputs{Connection: connection, Create: ptr("true")})
	wantError(t, err, "SSH agent")
}

func TestAConnectionThatCannotWorkSaysWhy(t *testing.T) {
	server := sshtest.Start(t)
	for want, change := range map[string]func(*Connection){
		"privateKey":      func(c *Connection) { c.PrivateKey = ptr("no key") },
		"hostKey":         func(c *Connection) { c.HostKey = ptr("no key") },
		"host is missing": func(c *Connection) { c.Host = nil },
		"SSH login as":    func(c *Connection) { c.PrivateKey = nil; c.Password = ptr("wrong-secret") },
	} {
		t.Setenv("SSH_AUTH_SOCK", "")
		connection := to(server)
		change(connection)
		_, err := create(t, CommandInputs{Connection: connection, Create: ptr("true")})
		wantError(t, err, want)
		if strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("the password is in %q", err)
		}
	}
	_, err := create(t, CommandInputs{Create: ptr("true")})
	wantError(t, err, "connection is missing")
}
