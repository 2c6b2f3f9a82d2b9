package recognition

import "context"

// NextBundle makes a bundle that a later program may bring.
func NextBundle(version string, products []Product, rules []Rule) *Bundle {
	return &Bundle{Version: version, Products: products, Rules: rules, hash: "next " + version}
}

// SyncWith is Sync with another bundle.
func SyncWith(ctx context.Context, s *Service, bundle *Bundle) error { return s.sync(ctx, bundle) }
