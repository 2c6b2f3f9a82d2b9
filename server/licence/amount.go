package licence

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// Amount is an exact number of rights. Most are whole; some metrics count
// halves and quarters. The zero value is 0.
type Amount struct {
	whole int64
	exact *big.Rat // instead of whole, when it is no whole number of 64 bits
}

// Whole makes an amount of a whole number.
func Whole[N int | int64](number N) Amount { return Amount{whole: int64(number)} }

// Ratio makes an amount of an exact fraction.
func Ratio(number *big.Rat) Amount {
	if number.IsInt() && number.Num().IsInt64() {
		return Amount{whole: number.Num().Int64()}
	}
	return Amount{exact: number}
}

// small bounds the numbers that can be added and multiplied without a thought.
const small = 1 << 31

func (a Amount) isSmall() bool { return a.exact == nil && -small < a.whole && a.whole < small }

func (a Amount) rat() *big.Rat {
	if a.exact != nil {
		return a.exact
	}
	return new(big.Rat).SetInt64(a.whole)
}

// Plus gives a + b.
func (a Amount) Plus(b Amount) Amount {
	if a.isSmall() && b.isSmall() {
		return Amount{whole: a.whole + b.whole}
	}
	return Ratio(new(big.Rat).Add(a.rat(), b.rat()))
}

// Minus gives a - b.
func (a Amount) Minus(b Amount) Amount {
	if a.isSmall() && b.isSmall() {
		return Amount{whole: a.whole - b.whole}
	}
	return Ratio(new(big.Rat).Sub(a.rat(), b.rat()))
}

// Times gives a × b.
func (a Amount) Times(b Amount) Amount {
	if a.isSmall() && b.isSmall() {
		return Amount{whole: a.whole * b.whole}
	}
	return Ratio(new(big.Rat).Mul(a.rat(), b.rat()))
}

// Up gives a, rounded up to a whole multiple of step, which is above 0.
func (a Amount) Up(step Amount) Amount {
	steps := new(big.Rat).Quo(a.rat(), step.rat())
	whole, rest := new(big.Int).QuoRem(steps.Num(), steps.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return Ratio(new(big.Rat).SetInt(whole)).Times(step)
}

// Compare gives -1, 0 or 1 as a is below, equal to or above b.
func (a Amount) Compare(b Amount) int {
	if a.exact == nil && b.exact == nil {
		switch {
		case a.whole < b.whole:
			return -1
		case a.whole > b.whole:
			return 1
		}
		return 0
	}
	return a.rat().Cmp(b.rat())
}

// Sign gives -1, 0 or 1 as a is below, equal to or above 0.
func (a Amount) Sign() int { return a.Compare(Amount{}) }

// Least gives the smaller one, and the first when they are equal.
func (a Amount) Least(b Amount) Amount {
	if b.Compare(a) < 0 {
		return b
	}
	return a
}

// NotBelowZero gives a, or 0 when a is below.
func (a Amount) NotBelowZero() Amount {
	if a.Sign() < 0 {
		return Amount{}
	}
	return a
}

// String writes a: "12", or "5/2".
func (a Amount) String() string { return a.rat().RatString() }

// Arg gives a as a value for a message: a number when it is whole, so that it
// is written in the manner of the language.
func (a Amount) Arg() any {
	if a.exact == nil {
		return a.whole
	}
	return a.String()
}

// MarshalJSON writes a whole number, or a fraction such as "5/2".
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.exact == nil || a.exact.IsInt() {
		return []byte(a.String()), nil
	}
	return json.Marshal(a.String())
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Amount) UnmarshalJSON(text []byte) error {
	var number json.Number
	if err := json.Unmarshal(text, &number); err != nil {
		var fraction string
		if json.Unmarshal(text, &fraction) != nil {
			return fmt.Errorf("read amount %s: %w", text, err)
		}
		number = json.Number(fraction)
	}
	exact, is := new(big.Rat).SetString(number.String())
	if !is {
		return fmt.Errorf("read amount: %s is no number", text)
	}
	*a = Ratio(exact)
	return nil
}
