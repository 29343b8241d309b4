package local

import "syscall"

// ownGroup also ends the shell when the plugin is killed before it could end it.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
