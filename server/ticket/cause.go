package ticket

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// raised is an alert as the rule looks at it.
type raised struct {
	health.Alert
	kind       string // of the device, and so on
	name       string
	model      string
	unitName   string
	unitPath   string
	ticket     ID // that it belongs to already
	wasCleared bool
}

// cause is by what an alert is one piece of work with others.
func cause(rule *desk.AlertRule, a *raised) string {
	parts := []string{rule.Topic, string(rule.Cause)}
	switch {
	case rule.Cause == desk.ByModel && a.model != "":
		parts = append(parts, a.model, a.UnitID.String()) // who sees one unit must not see another's devices
	case rule.Cause == desk.ByUnit:
		parts = append(parts, a.UnitID.String())
	case rule.Cause == desk.BySubject || a.Device == 0:
		parts = append(parts, a.Subject)
	default:
		parts[1] = string(desk.ByDevice)
		parts = append(parts, strconv.Itoa(int(a.Device)))
	}
	return strings.Join(parts, "|")
}

// stormCause is the cause of a storm of alerts.
func stormCause(rule *desk.AlertRule) string { return rule.Topic + "|storm" }

// stormy reports whether alerts of this rule can become a storm: where each
// device has a ticket of its own.
func stormy(rule *desk.AlertRule, a *raised) bool {
	return rule.Cause == desk.ByDevice && a.Device != 0
}

// about names what a ticket of an alert is about.
func about(rule *desk.AlertRule, a *raised) string {
	switch {
	case rule.Cause == desk.ByModel && a.model != "":
		return a.model
	case rule.Cause == desk.ByUnit:
		return a.unitName
	}
	if product, is := a.Args["Product"].(string); is {
		return product
	}
	if a.name != "" {
		return a.name
	}
	return a.Subject
}

// weighed gives impact, urgency and category of a ticket of an alert. What is
// wrong with a server hits all who use it.
func weighed(rule *desk.AlertRule, a *raised) (desk.Impact, desk.Urgency, string) {
	impact, urgency, category := rule.Impact, rule.Urgency, rule.Category
	if a.Severity == health.Crit {
		urgency = desk.High
	}
	if kind := device.Kind(a.kind); kind == device.Server || kind == device.Virtual {
		if impact == desk.One {
			impact = desk.Group
		}
		if category == "computer" {
			category = "server"
		}
	}
	return impact, urgency, category
}

// common is the unit that contains all of these, by their paths.
func common(paths []string) (unit identity.UnitID) {
	if len(paths) == 0 {
		return unit
	}
	shared := strings.Split(strings.Trim(paths[0], "/"), "/")
	for _, path := range paths[1:] {
		parts := strings.Split(strings.Trim(path, "/"), "/")
		same := 0
		for same < len(parts) && same < len(shared) && parts[same] == shared[same] {
			same++
		}
		shared = shared[:same]
	}
	if len(shared) == 0 || unit.UnmarshalText([]byte(shared[len(shared)-1])) != nil {
		return identity.UnitID{}
	}
	return unit
}

// productCheck is the check whose alerts are about a product.
const productCheck = "licence_short"

// onlyDevice is the one device that has a product; 0 when several do, of which
// none is more the matter than the others.
func onlyDevice(tx *store.Tx, product string) (of device.Key, err error) {
	var releases []int32
	if err := tx.Raw("SELECT id FROM releases WHERE product_id = ?", product).Scan(&releases).Error; err != nil {
		return 0, fmt.Errorf("find the releases of product %s: %w", product, err)
	}
	// What is installed is looked into only as far as it takes to find a second
	// device, which may have several releases itself.
	query := "SELECT DISTINCT device_id FROM (SELECT i.device_id FROM installations i WHERE " + tx.Among("i.release_id", 1) + " LIMIT 1000) held LIMIT 2"
	err = tx.EachRow(query, []any{tx.List(releases)}, func(rows *sql.Rows) error {
		var one device.Key
		err := rows.Scan(&one)
		if of == 0 {
			of = one
		} else {
			of = -1
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find the devices that have product %s: %w", product, err)
	}
	return max(0, of), nil
}
