package remote

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
)

// asset copies an asset of any kind.
func (u *upload) asset(source *resource.Asset, to string) error {
	switch {
	case source == nil:
		return errors.New("source is missing")
	case source.IsPath():
		return u.path(source.Path, to)
	case source.IsURI():
		blob, err := source.Read()
		if err != nil {
			return fmt.Errorf("asset %s cannot be read: %w", source.URI, err)
		}
		defer blob.Close()
		return u.place(blob, nameInURI(source.URI), to)
	default:
		// A text, the empty one included.
		return u.place(strings.NewReader(source.Text), "", to)
	}
}

// archive copies an archive as it is, or one made of assets member by member.
func (u *upload) archive(source *resource.Archive, to string) error {
	switch {
	case source.IsPath():
		return u.path(source.Path, to)
	case source.IsURI():
		format, content, err := source.ReadSourceArchive()
		if err != nil {
			return fmt.Errorf("archive %s cannot be read: %w", source.URI, err)
		}
		if format == archive.NotArchive || content == nil {
			return fmt.Errorf("%s is not an archive of a known format", source.URI)
		}
		defer content.Close()
		return u.place(content, nameInURI(source.URI), to)
	default:
		return u.members(source, to)
	}
}

func (u *upload) members(source *resource.Archive, to string) error {
	if err := u.makeFolder(to); err != nil {
		return err
	}
	content, err := source.Open()
	if err != nil {
		return fmt.Errorf("archive cannot be opened: %w", err)
	}
	defer content.Close()
	for {
		name, blob, err := content.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("archive cannot be read: %w", err)
		}
		err = u.member(blob, path.Join(to, name))
		if err = errors.Join(err, blob.Close()); err != nil {
			return err
		}
	}
}

func (u *upload) member(blob io.Reader, to string) error {
	if err := u.makeFolders(path.Dir(to)); err != nil {
		return err
	}
	return u.write(blob, to)
}

// path copies a local file or folder. As with cp and rsync, a folder goes into the target under its own name, and one
// with a slash at its end spills its content there; unlike with cp, that is so for a new target as well.
func (u *upload) path(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		source, err := os.Open(from)
		if err != nil {
			return err
		}
		defer source.Close()
		return u.place(source, filepath.Base(from), to)
	}
	if err := u.makeFolder(to); err != nil {
		return err
	}
	if !strings.HasSuffix(from, "/") {
		to = path.Join(to, filepath.Base(from))
	}
	return u.tree(from, to)
}

// tree merges a folder into another one. Links to files are followed, links to folders are not.
func (u *upload) tree(from, to string) error {
	return fs.WalkDir(os.DirFS(from), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := path.Join(to, name)
		if entry.IsDir() {
			return u.makeFolder(target)
		}
		source, err := os.Open(filepath.Join(from, name))
		if err != nil {
			return err
		}
		defer source.Close()
		if info, err := source.Stat(); err != nil || info.IsDir() {
			return errors.Join(err, fmt.Errorf("%s links to a folder; such links are not copied", source.Name()))
		}
		return u.write(source, target)
	})
}

// nameInURI is the last part of the path, or nothing where there is none.
func nameInURI(uri string) string {
	parsed, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	if name := path.Base(parsed.Path); name != "/" && name != "." {
		return name
	}
	return ""
}
