package ui

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/route"
	"holdfast/server/web/i18n"
)

// Notice says what was just done, on the page that follows.
type Notice struct {
	Key  string    `json:"k"`
	Args i18n.Args `json:"a,omitempty"`
	Undo *Undo     `json:"u,omitempty"`
}

// Undo is the form that takes it back.
type Undo struct {
	Action string            `json:"p"` // path to post to
	Values map[string]string `json:"v,omitempty"`
}

const noticeCookie = "holdfast_notice"

// Done goes on to another page, which then shows notice. It follows every
// change, so that going back or loading again changes nothing a second time.
func Done(c *gin.Context, path string, notice Notice) error {
	encoded, err := json.Marshal(notice)
	if err != nil {
		return err
	}
	setCookie(c, noticeCookie, base64.RawURLEncoding.EncodeToString(encoded), 60)
	Redirect(c, path)
	return nil
}

// TakeNotice gives the notice that waits for this page, if any, and removes it.
func TakeNotice(c *gin.Context) *Notice {
	cookie, err := c.Request.Cookie(noticeCookie)
	if err != nil || c.Request.Method != http.MethodGet || c.GetHeader("HX-Request") == "true" {
		return nil
	}
	setCookie(c, noticeCookie, "", -1)
	decoded, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var notice Notice
	if err := json.Unmarshal(decoded, &notice); err != nil || !i18n.Has(notice.Key) {
		return nil
	}
	return &notice
}

// Redirect goes on to another page of ours.
func Redirect(c *gin.Context, path string) {
	if c.GetHeader("HX-Request") == "true" {
		c.Header("HX-Redirect", path)
		c.Status(http.StatusNoContent)
		return
	}
	c.Redirect(http.StatusSeeOther, path)
}

// The cookies in which a browser keeps its choices.
const (
	LanguageCookie = "holdfast_language"
	ThemeCookie    = "holdfast_theme"
	KeysCookie     = "holdfast_keys"
	ZoneCookie     = "holdfast_zone" // set by theme.js
)

// Remember keeps a choice of this browser for a year.
func Remember(c *gin.Context, name, value string) { setCookie(c, name, value, 365*24*3600) }

func setCookie(c *gin.Context, name, value string, age int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		Secure: route.Secure(c), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
