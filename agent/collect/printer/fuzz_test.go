package printer

import (
	"net/url"
	"strings"
	"testing"
)

func FuzzParseQueues(f *testing.F) {
	f.Add("<DefaultPrinter a>\nDeviceURI usb://Brother/HL?serial=E78\nShared Yes\n</DefaultPrinter>\n")
	f.Add("<Printer b>\nDeviceURI smb://user:secret@host/share?password=secret\nLocation a\\#b\n</Printer>")
	f.Add("<Printer>\nDeviceURI ://%zz@\n<<>\n</Class>\nMakeModel")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		for _, queue := range parseQueues(text) {
			parsed, err := url.Parse(queue.URI)
			if err == nil && parsed.User != nil {
				t.Errorf("the address %q holds a user", queue.URI)
			}
		}
		parsePrintcap(text)
		defaultQueue(text)
	})
}

func TestSecretsAreTakenOutOfAddresses(t *testing.T) {
	for _, raw := range []string{
		"smb://user:secret@host/share", "ipp://secret@host/printers/x", "http://host/x?password=secret&a=b",
		"smb://us er:secret@host/x", `smb://DOM\user:secret@host/x`, "ipp://host/x?Token=secret", "lpd:user:secret@host",
	} {
		if uri, _ := address(raw); strings.Contains(uri, "secret") {
			t.Errorf("%s becomes %s, which still tells the secret", raw, uri)
		}
	}
}
