package health

const checkLicenceShort = "licence_short"

// licenceShort finds products of which more is in use than was bought. It is
// about no device: its subject is the product, and it follows positions as
// they are worked out (see PositionChanged).
func licenceShort() Check {
	return Check{ID: checkLicenceShort, Reads: []string{"position"}}
}
