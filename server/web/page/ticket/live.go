package ticket

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"holdfast/server/fault"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/shared/id"
)

// beat keeps proxies from closing a stream on which nothing happens.
const beat = 25 * time.Second

// events announces, as server-sent events, how many tickets that the reader
// may see were opened and touched since the stream began: counts only, in the
// reader's words. Nothing moves by itself; the page offers to show it. A
// reader who is too slow is let go, and comes back.
func (p *Pages) events(c *gin.Context) error {
	ctx := c.Request.Context()
	var only ticket.ID
	if text := c.Query("ticket"); text != "" {
		of, err := id.Parse[ticket.Mark](text)
		if err != nil {
			return fault.NewMissing("ticket")
		}
		only = of
	}
	listener, err := p.Tickets.Listen(ctx, only)
	if err != nil {
		return err
	}
	defer p.Tickets.Stop(listener)
	header := c.Writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	header.Set(gzhttp.HeaderNoCompression, "yes")
	c.Status(http.StatusOK)
	stream := http.NewResponseController(c.Writer)
	write := func(text string) bool {
		if _, err := c.Writer.WriteString(text); err != nil {
			return false // the reader has gone
		}
		return stream.Flush() == nil
	}
	opened, touched := map[ticket.ID]bool{}, map[ticket.ID]bool{}
	pulse := time.NewTicker(beat)
	defer pulse.Stop()
	if !write("retry: 5000\n\n") {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pulse.C:
			if !write(": still here\n\n") {
				return nil
			}
		case what, more := <-listener.C:
			if !more {
				return nil
			}
			if what.Opened {
				opened[what.Ticket] = true
			} else if !opened[what.Ticket] {
				touched[what.Ticket] = true
			}
			words := i18n.T(ctx, "live.this")
			if only.IsZero() {
				words = liveWords(ctx, len(opened), len(touched))
			}
			message, err := json.Marshal(map[string]any{"words": words, "opened": len(opened), "touched": len(touched)})
			if err != nil {
				return fmt.Errorf("announce a change: %w", err)
			}
			if !write("event: tickets\ndata: " + string(message) + "\n\n") {
				return nil
			}
		}
	}
}

// liveWords says how many tickets were opened and touched.
func liveWords(ctx context.Context, opened, touched int) string {
	switch {
	case touched == 0:
		return i18n.Count(ctx, "live.opened", opened)
	case opened == 0:
		return i18n.Count(ctx, "live.touched_only", touched)
	}
	return i18n.Count(ctx, "live.opened", opened) + ", " + i18n.Count(ctx, "live.touched", touched)
}
