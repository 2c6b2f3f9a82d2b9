package list

import (
	"github.com/google/uuid"

	"holdfast/server/identity"
)

// Within keeps to the rows whose unit, which column names, lies in a part of
// the organisation; of all of it there is no clause.
func Within(column string, scope identity.Scope) Clause {
	switch {
	case scope.All:
		return Clause{}
	case scope.Empty():
		return Where("1 = 0")
	}
	return Where(column+" IN ?", scope.Units)
}

// InUnit is the filter of a list by unit, which column names: by a part of its
// name, or by its identifier, which means everything below it too.
func InUnit(column string) func(value string) Clause {
	return func(value string) Clause {
		if unit, err := uuid.Parse(value); err == nil {
			return Where(column+" IN (SELECT id FROM units WHERE path LIKE ?)", "%/"+unit.String()+"/%")
		}
		named := Contains("name", value)
		return Where(column+" IN (SELECT id FROM units WHERE "+named.SQL+")", named.Args...)
	}
}
