// Package attachment keeps small files that belong to something: a picture in
// a message, the scan of a paper. It owns the table attachments; files lie in
// the database, so that a backup has them and a transaction binds them to what
// they belong to.
//
// It asks for no permission: who may read or add a file is decided by what it
// belongs to. What a browser could run is never taken, and the type of a file
// is told by its content and name together, never by what the sender says.
package attachment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Most is how large a file may be, in bytes, and Files how many may be added
// at once.
const (
	Most  = 5 << 20
	Files = 5
)

const nameLimit = 120 // characters

// ID identifies a file.
type ID = id.Of[File]

// Object is what a file belongs to.
type Object struct {
	Kind string // such as "ticket_message"
	ID   string
}

// File is a file without its content.
type File struct {
	ID        ID
	Object    Object
	Name      string
	MediaType string
	Size      int64
	CreatedBy string // name
	CreatedAt time.Time
}

// Upload is a file on its way in.
type Upload struct {
	Name    string
	Content []byte
}

// Add keeps files for an object. Faults: Invalid (too many, not a type that is
// taken), TooLarge.
func Add(ctx context.Context, tx *store.Tx, to Object, uploads ...Upload) ([]File, error) {
	if len(uploads) > Files {
		return nil, fault.NewInvalid(fault.Field{Name: "files", Key: "fault.attachment.too_many", Args: fault.Args{"Limit": Files}})
	}
	files := make([]File, 0, len(uploads))
	for _, upload := range uploads {
		file := File{
			ID: id.New[File](), Object: to, Name: tidied(upload.Name), Size: int64(len(upload.Content)),
			CreatedBy: identity.ActorOf(ctx).Name, CreatedAt: tx.Now,
		}
		if file.Size > Most {
			return nil, fault.NewTooLarge(Most)
		}
		var known bool
		if file.MediaType, known = mediaType(file.Name, upload.Content); !known {
			return nil, fault.NewInvalid(fault.Field{Name: "files", Key: "fault.attachment.type", Args: fault.Args{"Name": file.Name}})
		}
		sum := sha256.Sum256(upload.Content)
		err := tx.Exec(`INSERT INTO attachments (id, object_kind, object_id, name, media_type, size_bytes, sha256, content, created_by, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			file.ID, to.Kind, to.ID, file.Name, file.MediaType, file.Size, sum[:], upload.Content, file.CreatedBy, file.CreatedAt).Error
		if err != nil {
			return nil, fmt.Errorf("keep %s: %w", file.Name, err)
		}
		files = append(files, file)
	}
	return files, nil
}

const columns = "id, object_kind, object_id, name, media_type, size_bytes, created_by, created_at"

func (f *File) scan() []any {
	return []any{&f.ID, &f.Object.Kind, &f.Object.ID, &f.Name, &f.MediaType, &f.Size, &f.CreatedBy, &f.CreatedAt}
}

// Of lists the files of objects of one kind, by object, the oldest first.
func Of(db *gorm.DB, kind string, objects ...string) (_ map[string][]File, err error) {
	found := map[string][]File{}
	if len(objects) == 0 {
		return found, nil
	}
	rows, err := db.Raw("SELECT "+columns+" FROM attachments WHERE object_kind = ? AND object_id IN ? ORDER BY created_at, id", kind, objects).Rows()
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one File
		if err := rows.Scan(one.scan()...); err != nil {
			return nil, fmt.Errorf("list attachments: %w", err)
		}
		found[one.Object.ID] = append(found[one.Object.ID], one)
	}
	return found, rows.Err()
}

// Find gives a file without its content, for its owner to decide who may have
// it. Fault: Missing.
func Find(db *gorm.DB, of ID) (File, error) {
	var found File
	err := db.Raw("SELECT "+columns+" FROM attachments WHERE id = ?", of).Row().Scan(found.scan()...)
	switch {
	case store.Missing(err):
		return File{}, fault.NewMissing("attachment")
	case err != nil:
		return File{}, fmt.Errorf("find attachment %s: %w", of, err)
	}
	return found, nil
}

// Content gives the content of a file that Find gave.
func Content(db *gorm.DB, of ID) ([]byte, error) {
	var content []byte
	if err := db.Raw("SELECT content FROM attachments WHERE id = ?", of).Row().Scan(&content); err != nil {
		return nil, fmt.Errorf("read attachment %s: %w", of, err)
	}
	return content, nil
}

// tidied is the last part of a name, without what a file system or a header
// might stumble over.
func tidied(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`"/:*?<>|`, r) {
			return -1
		}
		return r
	}, name))
	if utf8.RuneCountInString(name) > nameLimit {
		ending := path.Ext(name)
		name = string([]rune(strings.TrimSuffix(name, ending))[:nameLimit-min(nameLimit, utf8.RuneCountInString(ending))]) + ending
	}
	if name == "" || name == "." {
		return "file"
	}
	return name
}

// types lists what is taken: the endings, and what the content must look like.
func types() map[string]struct{ looks, is string } {
	zip := func(is string) struct{ looks, is string } { return struct{ looks, is string }{"application/zip", is} }
	return map[string]struct{ looks, is string }{
		".png": {"image/png", "image/png"}, ".jpg": {"image/jpeg", "image/jpeg"}, ".jpeg": {"image/jpeg", "image/jpeg"},
		".gif": {"image/gif", "image/gif"}, ".webp": {"image/webp", "image/webp"}, ".bmp": {"image/bmp", "image/bmp"},
		".pdf": {"application/pdf", "application/pdf"},
		".txt": {"text/plain", "text/plain; charset=utf-8"}, ".log": {"text/plain", "text/plain; charset=utf-8"},
		".csv": {"text/plain", "text/csv; charset=utf-8"},
		".zip": zip("application/zip"), ".odt": zip("application/vnd.oasis.opendocument.text"), ".ods": zip("application/vnd.oasis.opendocument.spreadsheet"),
		".docx": zip("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
		".xlsx": zip("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
		".pptx": zip("application/vnd.openxmlformats-officedocument.presentationml.presentation"),
	}
}

// Endings lists the endings of names that are taken, for the form.
func Endings() []string {
	return []string{
		".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".pdf", ".txt", ".log", ".csv",
		".zip", ".odt", ".ods", ".docx", ".xlsx", ".pptx",
	}
}

// mediaType tells what a file is, when it is of a type that is taken.
func mediaType(name string, content []byte) (string, bool) {
	wanted, known := types()[strings.ToLower(path.Ext(name))]
	if !known || len(content) == 0 {
		return "", false
	}
	looks, _, _ := strings.Cut(http.DetectContentType(content), ";")
	if wanted.looks == "text/plain" && utf8.Valid(content) && !bytes.ContainsRune(content, 0) {
		return wanted.is, true // a table or a log may look like anything
	}
	return wanted.is, looks == wanted.looks
}

// Disposition is the header by which a browser saves a file under its name
// and never shows it as a page of ours.
func (f *File) Disposition() string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})
}
