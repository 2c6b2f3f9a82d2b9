package account

import (
	"strings"
	"testing"
)

func TestWeakerHashIsFoundAndStillFits(t *testing.T) {
	old := newPasswords(cost{memory: 8 * 1024, time: 1, threads: 1})
	hash, err := old.hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=8192,t=1,p=1$") {
		t.Errorf("the hash is %s", hash)
	}
	grown := newPasswords(cost{memory: 16 * 1024, time: 1, threads: 1})
	fits, weak, err := grown.verify(t.Context(), "correct horse battery", &hash)
	if err != nil || !fits || !weak {
		t.Errorf("fits %t, weak %t, %v", fits, weak, err)
	}
	if fits, _, err := grown.verify(t.Context(), "wrong horse battery", &hash); err != nil || fits {
		t.Errorf("a wrong password fits: %v", err)
	}
}

func TestNoHashNeverFits(t *testing.T) {
	p := newPasswords(cost{memory: 8 * 1024, time: 1, threads: 1})
	if fits, _, err := p.verify(t.Context(), "", nil); err != nil || fits {
		t.Errorf("fits %t, %v", fits, err)
	}
}

func TestSameAccentTypedOtherwiseIsTheSamePassword(t *testing.T) {
	p := newPasswords(cost{memory: 8 * 1024, time: 1, threads: 1})
	hash, err := p.hash(t.Context(), "caf\u00e9 au lait noir")
	if err != nil {
		t.Fatal(err)
	}
	if fits, _, err := p.verify(t.Context(), "cafe\u0301 au lait noir", &hash); err != nil || !fits {
		t.Errorf("fits %t, %v", fits, err)
	}
}

func TestAddressesOfOneHouseholdCountTogether(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":           "192.0.2.7",
		"::ffff:192.0.2.7":    "192.0.2.7",
		"2001:db8:1:2:3::4":   "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::": "2001:db8:1:2::/64",
		"not an address":      "not an address",
	} {
		if got := network(address); got != want {
			t.Errorf("%s counts under %s, want %s", address, got, want)
		}
	}
}
