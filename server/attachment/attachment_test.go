package attachment_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"holdfast/server/attachment"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

var png = append([]byte("\x89PNG\x0D\x0A\x1A\x0A"), make([]byte, 100)...)

func add(t *testing.T, db *store.DB, uploads ...attachment.Upload) (files []attachment.File, err error) {
	t.Helper()
	ctx := identity.WithActor(context.Background(), identity.System("root"))
	err = db.Tx(ctx, func(tx *store.Tx) error {
		files, err = attachment.Add(ctx, tx, attachment.Object{Kind: "paper", ID: "1"}, uploads...)
		return err
	})
	return files, err
}

func TestFileComesBackAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		made, err := add(t, db, attachment.Upload{Name: `C:\Users\a\screen "1".PNG`, Content: png}, attachment.Upload{Name: "list.csv", Content: []byte("a;b\n1;2\n")})
		if err != nil {
			t.Fatal(err)
		}
		if made[0].Name != "screen 1.PNG" || made[0].MediaType != "image/png" || made[0].Size != int64(len(png)) || made[0].CreatedBy != "root" {
			t.Errorf("it is kept as %+v", made[0])
		}
		listed, err := attachment.Of(db.Read(t.Context()), "paper", "1", "2")
		if err != nil || len(listed["1"]) != 2 || listed["1"][1].MediaType != "text/csv; charset=utf-8" {
			t.Errorf("listed are %+v, %v", listed, err)
		}
		found, err := attachment.Find(db.Read(t.Context()), made[0].ID)
		if err != nil || found.Object.ID != "1" {
			t.Errorf("found %+v, %v", found, err)
		}
		content, err := attachment.Content(db.Read(t.Context()), made[0].ID)
		if err != nil || !bytes.Equal(content, png) {
			t.Errorf("the content is %q, %v", content, err)
		}
	})
}

func TestWhatABrowserCouldRunIsNotTaken(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	for name, content := range map[string][]byte{
		"page.html": []byte("<script>alert(1)</script>"), "picture.svg": []byte("<svg/>"), "picture.png": []byte("<html>"),
		"program.exe": []byte("MZ"), "none": []byte("x"), "empty.txt": nil, "letter.docx": png, "text.txt": {0xff, 0xfe, 0},
	} {
		if _, err := add(t, db, attachment.Upload{Name: name, Content: content}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := add(t, db, attachment.Upload{Name: "big.txt", Content: []byte(strings.Repeat("x", attachment.Most+1))}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := add(t, db, make([]attachment.Upload, attachment.Files+1)...); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many: %v", err)
	}
}

func TestNamesAreTidied(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	for name, want := range map[string]string{
		"../../etc/passwd.txt": "passwd.txt", "a\r\nb.txt": "ab.txt", strings.Repeat("é", 300) + ".txt": strings.Repeat("é", 116) + ".txt",
	} {
		files, err := add(t, db, attachment.Upload{Name: name, Content: []byte("x")})
		if err != nil || files[0].Name != want {
			t.Errorf("%q becomes %q, %v", name, files[0].Name, err)
		}
	}
}
