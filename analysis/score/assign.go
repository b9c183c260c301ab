package score

import "math"

// assign pairs rows with columns at the least total cost and gives each row its column, -1
// for a row left over. Every row of cost has the same length. It is Kuhn and Munkres'
// method with potentials (Jonker and Volgenant 1987): O(rows² · columns).
func assign(cost [][]float64) []int {
	if len(cost) == 0 || len(cost[0]) == 0 {
		return unassigned(len(cost))
	}
	if len(cost) > len(cost[0]) {
		return inverse(assign(transpose(cost)), len(cost))
	}
	rows, cols := len(cost), len(cost[0])
	rowOf := make([]int, cols+1) // 1-based, 0 for none; column 0 holds the row being placed
	u, v := make([]float64, rows+1), make([]float64, cols+1)
	for row := 1; row <= rows; row++ {
		placeRow(cost, row, rowOf, u, v)
	}
	columnOf := unassigned(rows)
	for col := 1; col <= cols; col++ {
		if rowOf[col] > 0 {
			columnOf[rowOf[col]-1] = col - 1
		}
	}
	return columnOf
}

// placeRow finds the cheapest alternating path from row to a free column and turns it over.
func placeRow(cost [][]float64, row int, rowOf []int, u, v []float64) {
	cols := len(rowOf) - 1
	least := make([]float64, cols+1)
	before := make([]int, cols+1)
	done := make([]bool, cols+1)
	for c := range least {
		least[c] = math.Inf(1)
	}
	rowOf[0] = row
	at := 0
	for rowOf[at] != 0 {
		done[at] = true
		r, next, step := rowOf[at], 0, math.Inf(1)
		for c := 1; c <= cols; c++ {
			if done[c] {
				continue
			}
			if d := cost[r-1][c-1] - u[r] - v[c]; d < least[c] {
				least[c], before[c] = d, at
			}
			if least[c] < step {
				step, next = least[c], c
			}
		}
		for c := range least {
			if done[c] {
				u[rowOf[c]] += step
				v[c] -= step
			} else {
				least[c] -= step
			}
		}
		at = next
	}
	for at != 0 {
		rowOf[at] = rowOf[before[at]]
		at = before[at]
	}
}

func unassigned(n int) []int {
	a := make([]int, n)
	for i := range a {
		a[i] = -1
	}
	return a
}

func transpose(m [][]float64) [][]float64 {
	t := table(len(m[0]), len(m))
	for r := range m {
		for c := range m[r] {
			t[c][r] = m[r][c]
		}
	}
	return t
}

func inverse(of []int, n int) []int {
	a := unassigned(n)
	for i, j := range of {
		if j >= 0 {
			a[j] = i
		}
	}
	return a
}
