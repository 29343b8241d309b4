package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/pkg/sftp"
)

// upload writes files on the machine.
type upload struct {
	sftp *sftp.Client
}

// withUpload gives use an SFTP connection, and takes it away when the context ends.
func withUpload(ctx context.Context, connection *Connection, use func(*upload) error) error {
	machine, err := connection.dial(ctx)
	if err != nil {
		return err
	}
	defer machine.Close()
	stop := context.AfterFunc(ctx, func() { _ = machine.Close() })
	defer stop()

	// A file is written once, from its start, and an error fails the whole copy: writes out of order do no harm.
	client, err := sftp.NewClient(machine.Client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return causeOr(ctx, fmt.Errorf("no SFTP at the machine (its SSH server needs the subsystem): %w", err))
	}
	defer client.Close()
	if err := use(&upload{sftp: client}); err != nil {
		return causeOr(ctx, err)
	}
	return nil
}

// kind is what stands at a path.
type kind int

const (
	nothing kind = iota
	file
	folder
)

func (u *upload) kindOf(name string) (kind, error) {
	info, err := u.sftp.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nothing, nil
	case err != nil:
		return nothing, fmt.Errorf("remote path %s cannot be looked at: %w", name, err)
	case info.IsDir():
		return folder, nil
	default:
		return file, nil
	}
}

// write overwrites one file. Its folder has to exist.
func (u *upload) write(source io.Reader, name string) (err error) {
	target, err := u.sftp.Create(name)
	if err != nil {
		return fmt.Errorf("remote file %s cannot be written: %w", name, err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if _, err := target.ReadFrom(source); err != nil {
		return fmt.Errorf("remote file %s was not written to its end: %w", name, err)
	}
	return nil
}

// place writes one file at a path, or into the folder that is there already. A source without a name cannot go into a
// folder.
func (u *upload) place(source io.Reader, sourceName, name string) error {
	found, err := u.kindOf(name)
	if err != nil {
		return err
	}
	switch {
	case found == folder && sourceName == "":
		return fmt.Errorf("remote path %s is a folder; the source has no name, so remotePath has to name a file", name)
	case found == folder:
		name = path.Join(name, sourceName)
	case found == nothing:
		if err := u.makeFolders(path.Dir(name)); err != nil {
			return err
		}
	}
	return u.write(source, name)
}

// makeFolder makes a folder and those above it, or finds it there.
func (u *upload) makeFolder(name string) error {
	found, err := u.kindOf(name)
	switch {
	case err != nil:
		return err
	case found == file:
		return fmt.Errorf("remote path %s is a file, where a folder has to go", name)
	case found == folder:
		return nil
	default:
		return u.makeFolders(name)
	}
}

func (u *upload) makeFolders(name string) error {
	if err := u.sftp.MkdirAll(name); err != nil {
		return fmt.Errorf("remote folder %s cannot be made: %w", name, err)
	}
	return nil
}
