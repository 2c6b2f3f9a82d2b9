// Package static serves what a browser loads besides pages: the stylesheet,
// the script, the icons and the fonts. They are built from npm packages by
// "make assets" and embedded; their names carry a hash of the content, so that
// browsers keep them for ever.
package static

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed all:dist
var files embed.FS

// Path is where the files are served.
const Path = "/static/"

// Assets knows the address of each file.
type Assets struct {
	names map[string]string
	files fs.FS
}

// Open reads what was built. It fails when nothing was.
func Open() (*Assets, error) {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		return nil, fmt.Errorf("open assets: %w", err)
	}
	manifest, err := fs.ReadFile(dist, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("open assets: this program was built without them; run \"make assets\" and build again")
	}
	if err != nil {
		return nil, fmt.Errorf("open assets: %w", err)
	}
	assets := &Assets{files: dist}
	if err := json.Unmarshal(manifest, &assets.names); err != nil {
		return nil, fmt.Errorf("read manifest of assets: %w", err)
	}
	return assets, nil
}

// URL gives the address of a file by its plain name, such as "hf.css". A name
// that was not built gives an address that answers 404, which the tests see.
func (a *Assets) URL(name string) string { return Path + a.names[name] }

// Serve answers a request for one file, whose name is the parameter "file".
func (a *Assets) Serve(c *gin.Context) {
	name := c.Param("file")
	known := false
	for _, built := range a.names {
		known = known || built == name
	}
	if !known {
		c.Status(http.StatusNotFound)
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.FileFromFS(name, http.FS(a.files))
}
