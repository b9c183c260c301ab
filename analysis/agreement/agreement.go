// Package agreement says how far coders, people or machines, code the same turns alike.
//
// The unit of agreement is a turn that at least one coder could code: for outcomes the
// citizen-meaning turns, for a code the turns of those it can be given to. Text that nobody
// was to code is not a unit; counting it as agreement on "no code" makes every figure look
// good. Figures do not say who is right: talk each disagreement through.
package agreement

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"lydhor/analysis/bootstrap"
)

// A Unit is one turn and the code that each coder gave it, coders in the same order in all
// units; "" where a coder did not code it.
type Unit struct {
	Conversation string
	Codes        []string
}

// Why a figure is undefined: there is nothing to compare, or nothing to agree on.
var (
	ErrNothingShared   = errors.New("no unit was coded by two coders")
	ErrOneCode         = errors.New("only one code was used: agreement by chance is complete")
	ErrOneConversation = errors.New("an interval needs two conversations")
)

// A Table counts the units by the code of one coder (row) and of another (column).
type Table struct {
	Codes []string `json:"codes"` // sorted
	Count [][]int  `json:"count"`
}

// Confusion counts the units that coders a and b both coded.
func Confusion(units []Unit, a, b int) Table {
	both := func(u Unit) bool { return u.Codes[a] != "" && u.Codes[b] != "" }
	var t Table
	for _, u := range units {
		if both(u) {
			t.Codes = append(t.Codes, u.Codes[a], u.Codes[b])
		}
	}
	slices.Sort(t.Codes)
	t.Codes = slices.Compact(t.Codes)
	t.Count = make([][]int, len(t.Codes))
	for row := range t.Count {
		t.Count[row] = make([]int, len(t.Codes))
	}
	for _, u := range units {
		if both(u) {
			row, _ := slices.BinarySearch(t.Codes, u.Codes[a])
			column, _ := slices.BinarySearch(t.Codes, u.Codes[b])
			t.Count[row][column]++
		}
	}
	return t
}

// margins gives the sums of rows and of columns, and of all.
func (t Table) margins() (rows, columns []int, all int) {
	rows, columns = make([]int, len(t.Codes)), make([]int, len(t.Codes))
	for r := range t.Count {
		for c, n := range t.Count[r] {
			rows[r] += n
			columns[c] += n
			all += n
		}
	}
	return rows, columns, all
}

// Percent is the share of units coded alike, in [0, 1].
func (t Table) Percent() (float64, error) {
	_, _, all := t.margins()
	if all == 0 {
		return 0, ErrNothingShared
	}
	alike := 0
	for i := range t.Count {
		alike += t.Count[i][i]
	}
	return float64(alike) / float64(all), nil
}

// KappaCohen is the share of agreement beyond chance that two coders reach, each with their
// own habits (Cohen 1960): 1 for full agreement, 0 for what chance gives.
func KappaCohen(t Table) (float64, error) {
	observed, err := t.Percent()
	if err != nil {
		return 0, err
	}
	rows, columns, all := t.margins()
	chance := 0.0
	for i := range rows {
		chance += float64(rows[i]) * float64(columns[i]) / (float64(all) * float64(all))
	}
	if len(t.Codes) == 1 {
		return 0, ErrOneCode
	}
	return (observed - chance) / (1 - chance), nil
}

// AlphaKrippendorff is agreement beyond chance among any number of coders, who need not
// have coded every unit, for codes without order (Krippendorff 2011, "Computing
// Krippendorff's alpha-reliability", nominal data). Units that fewer than two coded do not
// count.
func AlphaKrippendorff(units []Unit) (float64, error) {
	total := map[string]float64{} // of each code in units that two coded
	all, disagreements := 0.0, 0.0
	for _, u := range units {
		count := map[string]float64{}
		coders := 0.0
		for _, code := range u.Codes {
			if code != "" {
				count[code]++
				coders++
			}
		}
		if coders < 2 {
			continue
		}
		alike := 0.0
		for code, n := range count {
			total[code] += n
			alike += n * n
		}
		all += coders
		disagreements += (coders*coders - alike) / (coders - 1)
	}
	if all == 0 {
		return 0, ErrNothingShared
	}
	if len(total) == 1 {
		return 0, ErrOneCode
	}
	byChance := all * all
	for _, n := range total {
		byChance -= n * n
	}
	return 1 - (all-1)*disagreements/byChance, nil
}

// Interval gives the 95 % bootstrap interval of a figure over conversations: turns of one
// conversation are no independent units. Draws for which the figure is undefined are left
// out.
func Interval(units []Unit, figure func([]Unit) (float64, error)) (low, high float64, err error) {
	place := map[string]int{}
	var conversations [][]Unit
	for _, u := range units {
		i, ok := place[u.Conversation]
		if !ok {
			i = len(conversations)
			place[u.Conversation] = i
			conversations = append(conversations, nil)
		}
		conversations[i] = append(conversations[i], u)
	}
	if len(conversations) < 2 {
		return 0, 0, ErrOneConversation
	}
	low, high = bootstrap.Interval(len(conversations), func(drawn []int) float64 {
		var sample []Unit
		for _, i := range drawn {
			sample = append(sample, conversations[i]...)
		}
		f, err := figure(sample)
		if err != nil {
			return math.NaN()
		}
		return f
	})
	if math.IsNaN(low) {
		_, err = figure(units)
		return 0, 0, cmp.Or(err, ErrOneCode)
	}
	return low, high, nil
}
