package recognition

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// file is the page on which local rules go out to a file and come in from one.
func (p *Pages) file(c *gin.Context) error {
	if !mayManage(c.Request.Context()) {
		return fault.NewDenied("recognition.manage")
	}
	return ui.Render(c, File(ui.Form{}))
}

func (p *Pages) download(c *gin.Context) error {
	content, err := p.rules.Export(c.Request.Context())
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="recognition-rules.yaml"`)
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/yaml; charset=utf-8", content)
	return nil
}

// maxFile is more than thousands of rules need.
const maxFile = 2 << 20

func (p *Pages) upload(c *gin.Context) error {
	content, err := sent(c)
	if err == nil {
		done, failed := p.rules.Import(c.Request.Context(), content)
		if failed == nil {
			return ui.Done(c, "/recognition/rules?origin=local", ui.Notice{Key: "notice.rules_imported", Args: i18n.Args{
				"Rules": strconv.Itoa(done.Rules), "Products": strconv.Itoa(done.Products), "Same": strconv.Itoa(done.Same),
			}})
		}
		err = failed
	}
	if form, is := ui.Wrong(nil, err); is {
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, File(form))
	}
	return err
}

// sent reads the file that was sent. Faults: Invalid, TooLarge.
func sent(c *gin.Context) ([]byte, error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxFile)
	file, _, err := c.Request.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.NewTooLarge(maxFile)
	case err != nil:
		return nil, fault.NewInvalid(fault.Field{Name: "file", Key: "fault.import.no_file"})
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, fault.NewInvalid(fault.Field{Name: "file", Key: "fault.import.no_file"})
	}
	return content, nil
}
