package importer

import (
	"strings"
	"time"

	"holdfast/server/asset"
)

// emptied reports whether a cell says that the value is to be emptied.
func emptied(cell string) bool {
	switch strings.ToLower(cell) {
	case "(none)", "(aucun)", "(aucune)", "(vide)":
		return true
	}
	return false
}

// kindWords are what people call the kinds of assets, in plain form.
//
//nolint:gochecknoglobals // a constant in disguise
var kindWords = map[string]asset.Kind{
	"notebook": asset.Laptop, "portable": asset.Laptop, "ordinateurportable": asset.Laptop, "ordinateurportatif": asset.Laptop, "portatif": asset.Laptop,
	"pc": asset.Desktop, "workstation": asset.Desktop, "computer": asset.Desktop, "ordinateur": asset.Desktop, "ordinateurdebureau": asset.Desktop,
	"postedetravail": asset.Desktop, "tablette": asset.Tablet, "appareildepoche": asset.Handheld, "terminalmobile": asset.Handheld,
	"serveur": asset.Server, "screen": asset.Monitor, "display": asset.Monitor, "moniteur": asset.Monitor, "ecran": asset.Monitor,
	"imprimante": asset.Printer, "scanneur": asset.Scanner, "numeriseur": asset.Scanner, "dockingstation": asset.Dock, "stationdaccueil": asset.Dock,
	"peripherique": asset.Peripheral, "accessory": asset.Peripheral, "accessoire": asset.Peripheral, "switch": asset.Network, "router": asset.Network,
	"reseau": asset.Network, "commutateur": asset.Network, "routeur": asset.Network, "networkequipment": asset.Network, "equipementreseau": asset.Network,
	"stockage": asset.Storage, "nas": asset.Storage, "san": asset.Storage, "telephone": asset.Phone, "mobile": asset.Phone, "cellulaire": asset.Phone,
	"smartphone": asset.Phone, "autre": asset.Other,
}

// statusWords are what people call the statuses, in plain form.
//
//nolint:gochecknoglobals // a constant in disguise
var statusWords = map[string]asset.Status{
	"commande": asset.Ordered, "onorder": asset.Ordered, "instock": asset.InStock, "stock": asset.InStock, "enstock": asset.InStock,
	"readytodeploy": asset.InStock, "inuse": asset.InUse, "deployed": asset.InUse, "enservice": asset.InUse, "utilise": asset.InUse, "enutilisation": asset.InUse,
	"inrepair": asset.InRepair, "repair": asset.InRepair, "enreparation": asset.InRepair, "perdu": asset.Lost, "lostorstolen": asset.Lost, "stolen": asset.Lost,
	"vole": asset.Lost, "excedentaire": asset.Surplus, "retired": asset.Surplus, "retire": asset.Surplus, "disposedof": asset.Disposed, "misaurebut": asset.Disposed, "elimine": asset.Disposed,
	"aliene": asset.Disposed,
}

func kindNamed(cell string) (asset.Kind, bool) {
	word := plain(cell)
	for _, kind := range asset.Kinds() {
		if plain(string(kind)) == word {
			return kind, true
		}
	}
	kind, found := kindWords[word]
	return kind, found
}

func statusNamed(cell string) (asset.Status, bool) {
	word := plain(cell)
	for _, status := range asset.Statuses() {
		if plain(string(status)) == word {
			return status, true
		}
	}
	status, found := statusWords[word]
	return status, found
}

// yes reads a truth in either language.
func yes(cell string) (truth, ok bool) {
	switch plain(cell) {
	case "yes", "y", "true", "1", "oui", "o", "vrai", "active", "actif", "x":
		return true, true
	case "no", "n", "false", "0", "non", "faux", "inactive", "inactif", "left", "parti":
		return false, true
	}
	return false, false
}

// dayNamed reads a day. 2026-03-14 is always clear; with slashes a day is only
// clear when one of the first two numbers can be no month, or they are equal.
func dayNamed(cell string) (time.Time, bool) {
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC3339, "2006/01/02", "2 Jan 2006", "2 January 2006", "Jan 2, 2006"} {
		if day, err := time.Parse(form, cell); err == nil {
			return day, true
		}
	}
	for _, sign := range []string{"/", ".", "-"} {
		dayFirst, err1 := time.Parse("2"+sign+"1"+sign+"2006", cell)
		monthFirst, err2 := time.Parse("1"+sign+"2"+sign+"2006", cell)
		switch {
		case err1 == nil && err2 == nil:
			return dayFirst, dayFirst.Equal(monthFirst)
		case err1 == nil:
			return dayFirst, true
		case err2 == nil:
			return monthFirst, true
		}
	}
	return time.Time{}, false
}
