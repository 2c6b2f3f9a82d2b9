package identify

import "strings"

// Placeholder reports whether value is what firmware says when nobody told it
// anything, such as "To Be Filled By O.E.M.". Such a value identifies nothing.
//
// Values are compared as a whole, whatever their case and spacing. Nothing is
// matched by a pattern, because a pattern that catches "1.0" catches good
// serial numbers too; the one rule beside the list is a value that repeats a
// single character.
func Placeholder(value string) bool {
	value = strings.ToLower(strings.Join(strings.Fields(value), " "))
	return isFiller(value) || repeatsOne(value)
}

// repeatsOne is true for "", "0000000", "xxxx" and "----", and also for
// "00-00-00" and the like.
func repeatsOne(value string) bool {
	rest := strings.NewReplacer("-", "", ".", "", ":", "", "_", "", " ", "", "/", "").Replace(value)
	for i := range len(rest) {
		if rest[i] != rest[0] {
			return false
		}
	}
	return true
}

// isFiller knows the fillers seen in SMBIOS tables, EDID blocks and drives.
func isFiller(value string) bool {
	switch value {
	case "n/a", "na", "n.a.", "none", "null", "nil", "unknown", "unknow", "undefined", "empty", "blank",
		"default", "default string", "invalid", "invalid serial", "invalid serial number", "dummy", "no data",
		"not specified", "not present", "not available", "not installed", "not applicable", "not defined",
		"not provided", "not settable", "not set", "unspecified", "[none]", "(none)", "<none>",
		"no serial", "no serial number", "no asset tag", "no asset information", "no enclosure",
		"<bad index>", "<out of spec>", "bad index", "out of spec",
		"to be filled by o.e.m.", "to be filled by o.e.m", "to be filled by oem", "to be filled", "tobefilledbyo.e.m.",
		"filled by o.e.m.", "fill by oem", "o.e.m.", "o.e.m", "oem", "oem default string", "customer to fill":
		return true
	case "system manufacturer", "system product name", "system name", "system version", "system serial number",
		"system serial", "system sku", "system family", "system uuid", "sku", "product name", "product version",
		"serial", "serial number", "serialnumber", "serial#", "s/n", "asset tag", "asset tag number", "manufacturer",
		"chassis manufacturer", "chassis serial number", "chassis serial", "chassis version", "chassis asset tag",
		"base board manufacturer", "base board product name", "base board serial number", "base board version",
		"base board asset tag", "board manufacturer", "board serial number", "board product name", "board version",
		"type1productconfigid", "type1sku0", "type2 - board serial number", "type3 - chassis serial number",
		"base board chassis location", "part of chassis location", "sernum0", "sernum00", "array1_partnumber0",
		"asset-1234567890", "sn-1234567890", "mb-1234567890", "ssn12345678901234567", "system version 1.0":
		return true
	case "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0123456789", "01234567890",
		"012345678", "01234567", "123456789012", "1234567890123", "12345678901234567890", "01234567890123456789",
		"012345678901234567890", "0123456789abcdef", "123456789abcdef", "1234567890abcdef", "abcdefgh",
		"987654321", "9876543210", "a1234567890":
		return true
	}
	return false
}
