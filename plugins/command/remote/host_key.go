package remote

import (
	"bytes"
	"fmt"
	"net"

	"golang.org/x/crypto/ssh"
)

// hostKeyError is a machine that is not the one it should be. No second attempt will make it so.
type hostKeyError struct {
	want, got ssh.PublicKey
}

func (e *hostKeyError) Error() string {
	return fmt.Sprintf("host key mismatch: the machine shows %s %s, hostKey is %s %s",
		e.got.Type(), ssh.FingerprintSHA256(e.got), e.want.Type(), ssh.FingerprintSHA256(e.want))
}

func (l *login) expectHostKey(text *string) error {
	if text == nil {
		l.HostKeyCallback = ssh.InsecureIgnoreHostKey()
		return nil
	}
	want, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*text))
	if err != nil {
		return fmt.Errorf("connection: hostKey is not a public key as in authorized_keys: %w", err)
	}
	l.HostKeyAlgorithms = signaturesOf(want)
	l.HostKeyCallback = func(_ string, _ net.Addr, got ssh.PublicKey) error {
		if !bytes.Equal(got.Marshal(), want.Marshal()) {
			return &hostKeyError{want: want, got: got}
		}
		return nil
	}
	return nil
}

// signaturesOf names what the server may sign with. An RSA key signs in three ways, and servers of today refuse the
// one that has the name of the key.
func signaturesOf(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	return []string{key.Type()}
}
