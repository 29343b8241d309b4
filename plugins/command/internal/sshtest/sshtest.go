// Package sshtest starts OpenSSH servers on the loopback interface for tests.
package sshtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Server is a running sshd that lets the current user in with one key.
type Server struct {
	Port    float64
	User    string
	HostKey string
	// Key is the key the server lets in, ClientKey the same as text.
	Key       ed25519.PrivateKey
	ClientKey string
}

// Start runs an sshd until the test ends. Options are lines of sshd_config.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	sshd := find()
	if sshd == "" {
		t.Skip("no sshd on this machine: install openssh-server to run this test")
	}
	me, err := user.Current()
	check(t, err)
	dir := t.TempDir()

	_, hostKeyText, hostPublic := newKey(t)
	clientKey, clientKeyText, clientPublic := newKey(t)
	write(t, filepath.Join(dir, "host_key"), hostKeyText)
	write(t, filepath.Join(dir, "authorized_keys"), clientPublic)
	port := FreePort(t)
	config := append([]string{
		fmt.Sprintf("ListenAddress 127.0.0.1:%d", port),
		"HostKey " + filepath.Join(dir, "host_key"),
		"AuthorizedKeysFile " + filepath.Join(dir, "authorized_keys"),
		"PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
		"KbdInteractiveAuthentication no", "PermitRootLogin yes",
		"MaxStartups 100", "Subsystem sftp internal-sftp",
	}, options...)
	write(t, filepath.Join(dir, "sshd_config"), strings.Join(config, "\n")+"\n")
	if os.Geteuid() == 0 {
		// sshd as root insists on its empty folder, which a system without a started service lacks.
		check(t, os.MkdirAll("/run/sshd", 0o755))
	}

	log := &strings.Builder{}
	cmd := exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	check(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		// Sessions lead groups of their own; they end with their connections.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		<-ended
	})
	waitFor(t, port, ended, log)
	return &Server{
		Port: float64(port), User: me.Username, HostKey: hostPublic, Key: clientKey, ClientKey: clientKeyText,
	}
}

func find() string {
	for _, name := range []string{"sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"} {
		// An absolute path: sshd starts itself again for each connection.
		if found, err := exec.LookPath(name); err == nil && filepath.IsAbs(found) {
			return found
		}
	}
	return ""
}

// waitFor polls the port, for sshd has no way to say that it listens.
func waitFor(t testing.TB, port int, ended chan error, log *strings.Builder) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("sshd ended: %v\n%s", err, log)
		case <-ctx.Done():
			t.Fatal("sshd does not listen")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// FreePort is a loopback port that nobody listens at.
func FreePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// NewHostKey is a public key that no server has.
func NewHostKey(t testing.TB) string {
	t.Helper()
	_, _, public := newKey(t)
	return public
}

func newKey(t testing.TB) (key ed25519.PrivateKey, private, public string) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	block, err := ssh.MarshalPrivateKey(key, "test")
	check(t, err)
	sshPub, err := ssh.NewPublicKey(pub)
	check(t, err)
	return key, string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(sshPub))
}

// Gone waits until a process has ended.
func Gone(t testing.TB, pid int) {
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

// isZombie tells a process that nobody has asked after yet from one that runs. Where there is no /proc, none is.
func isZombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z")
}

func write(t testing.TB, name, text string) {
	t.Helper()
	check(t, os.WriteFile(name, []byte(text), 0o600))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
