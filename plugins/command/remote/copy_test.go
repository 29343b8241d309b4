package remote

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"benchbox/plugins/command/internal/sshtest"
)

func copyTo(t *testing.T, connection *Connection, source types.AssetOrArchive, remotePath string) error {
	t.Helper()
	_, err := new(CopyToRemote).Create(t.Context(), infer.CreateRequest[CopyToRemoteInputs]{
		Inputs: CopyToRemoteInputs{Connection: connection, Source: source, RemotePath: remotePath},
	})
	return err
}

func mustCopy(t *testing.T, connection *Connection, source types.AssetOrArchive, remotePath string) {
	t.Helper()
	if err := copyTo(t, connection, source, remotePath); err != nil {
		t.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func fileAsset(name string) types.AssetOrArchive {
	return types.AssetOrArchive{Asset: must(resource.NewPathAsset(name))}
}

func textAsset(text string) types.AssetOrArchive {
	return types.AssetOrArchive{Asset: must(resource.NewTextAsset(text))}
}

func folderArchive(name string) types.AssetOrArchive {
	return types.AssetOrArchive{Archive: must(resource.NewPathArchive(name))}
}

// lay writes files, by name and text, into a new folder.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func wantFile(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", name, got, err, want)
	}
}

func TestAFileGoesToANewPathIntoAFolderAndOverAFile(t *testing.T) {
	connection := to(sshtest.Start(t))
	source := fileAsset(filepath.Join(lay(t, map[string]string{"f": "new"}), "f"))
	target := lay(t, map[string]string{"old": "much longer than new", "folder/x": ""})
	mustCopy(t, connection, source, target+"/a/b/c")
	wantFile(t, target+"/a/b/c", "new")
	mustCopy(t, connection, source, target+"/folder")
	wantFile(t, target+"/folder/f", "new")
	mustCopy(t, connection, source, target+"/old")
	wantFile(t, target+"/old", "new")
}

func TestATextGoesToAFileAndNotToAFolder(t *testing.T) {
	connection := to(sshtest.Start(t))
	target := t.TempDir()
	mustCopy(t, connection, textAsset("text"), target+"/a/b")
	wantFile(t, target+"/a/b", "text")
	wantError(t, copyTo(t, connection, textAsset("text"), target), "is a folder")
}

func TestAFolderGoesUnderItsNameAndWithASlashItsContentDoes(t *testing.T) {
	connection := to(sshtest.Start(t))
	source := lay(t, map[string]string{"src/one": "1", "src/sub/two": "2"}) + "/src"
	target := lay(t, map[string]string{"there/src/sub/two": "old", "there/src/kept": "kept", "file": ""})

	mustCopy(t, connection, folderArchive(source), target+"/there")
	wantFile(t, target+"/there/src/one", "1")
	wantFile(t, target+"/there/src/sub/two", "2")
	wantFile(t, target+"/there/src/kept", "kept")

	mustCopy(t, connection, folderArchive(source), target+"/new")
	wantFile(t, target+"/new/src/sub/two", "2")

	mustCopy(t, connection, folderArchive(source+"/"), target+"/flat/deep")
	wantFile(t, target+"/flat/deep/sub/two", "2")

	wantError(t, copyTo(t, connection, folderArchive(source), target+"/file"), "is a file")
	wantError(t, copyTo(t, connection, folderArchive(source+"/"), target+"/file"), "is a file")
}

func TestAnArchiveFileIsCopiedAsItIs(t *testing.T) {
	connection := to(sshtest.Start(t))
	archive := types.AssetOrArchive{Archive: must(resource.NewAssetArchive(map[string]any{
		"a/one": must(resource.NewTextAsset("1")),
	}))}
	file, target := filepath.Join(t.TempDir(), "x.zip"), t.TempDir()
	out := must(os.Create(file))
	if err := archive.Archive.Archive(resource.ZIPArchive, out); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	mustCopy(t, connection, folderArchive(file), target)
	wantFile(t, target+"/x.zip", string(must(os.ReadFile(file))))
}

func TestAnArchiveOfAssetsIsCopiedMemberByMember(t *testing.T) {
	connection := to(sshtest.Start(t))
	source := types.AssetOrArchive{Archive: must(resource.NewAssetArchive(map[string]any{
		"a/one": must(resource.NewTextAsset("1")), "two": must(resource.NewTextAsset("2")),
	}))}
	target := lay(t, map[string]string{"file": "", "there/two": "old"})
	mustCopy(t, connection, source, target+"/there")
	wantFile(t, target+"/there/a/one", "1")
	wantFile(t, target+"/there/two", "2")
	wantError(t, copyTo(t, connection, source, target+"/file"), "is a file")
}

func TestALinkToAFolderIsRefused(t *testing.T) {
	source := lay(t, map[string]string{"real/x": "1"})
	if err := os.Symlink("real", source+"/link"); err != nil {
		t.Fatal(err)
	}
	err := (&CopyToRemoteInputs{
		Connection: to(sshtest.Start(t)), RemotePath: t.TempDir(),
		Source: types.AssetOrArchive{Archive: &resource.Archive{Path: source}},
	}).copy(t.Context())
	wantError(t, err, "links to a folder")
}

func TestAnUpdateCopiesOnlyNewContentOrToANewPlace(t *testing.T) {
	connection := to(sshtest.Start(t))
	target := t.TempDir() + "/f"
	old := CopyToRemoteInputs{Connection: connection, Source: textAsset("one"), RemotePath: target}
	update := func(news CopyToRemoteInputs) {
		t.Helper()
		_, err := new(CopyToRemote).Update(t.Context(), infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs]{
			State: CopyToRemoteOutputs{old}, Inputs: news,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	update(old)
	if _, err := os.Stat(target); err == nil {
		t.Error("copied without a change")
	}
	update(CopyToRemoteInputs{Connection: connection, Source: textAsset("two"), RemotePath: target})
	wantFile(t, target, "two")
	update(CopyToRemoteInputs{Connection: connection, Source: old.Source, RemotePath: target + "2"})
	wantFile(t, target+"2", "one")
}

func TestAServerWithoutSFTPIsNamedAsSuch(t *testing.T) {
	connection := to(sshtest.Start(t, "ForceCommand false"))
	wantError(t, copyTo(t, connection, textAsset("x"), "/tmp/never"), "SFTP")
}

func TestCopyFileCopiesAFileIntoAFolderThatIsThere(t *testing.T) {
	connection := to(sshtest.Start(t))
	source, target := lay(t, map[string]string{"f": "text"})+"/f", t.TempDir()
	create := func(from, to string) error {
		_, err := new(CopyFile).Create(t.Context(), infer.CreateRequest[CopyFileInputs]{
			Inputs: CopyFileInputs{Connection: connection, LocalPath: from, RemotePath: to},
		})
		return err
	}
	if err := create(source, target+"/g"); err != nil {
		t.Fatal(err)
	}
	wantFile(t, target+"/g", "text")
	wantError(t, create(source, target+"/no/such"), "cannot be written")
	wantError(t, create(source+"-missing", target+"/h"), "no such file")
}

func TestTheNameInAURIIsItsLastPart(t *testing.T) {
	for uri, want := range map[string]string{
		"https://x.test/a/b.tgz?c=d": "b.tgz", "https://x.test/": "", "https://x.test": "", "%": "",
	} {
		if got := nameInURI(uri); got != want {
			t.Errorf("%s: %q, want %q", uri, got, want)
		}
	}
	if strings.Contains(nameInURI("file:///a/b"), "/") {
		t.Error("a slash in the name")
	}
}
