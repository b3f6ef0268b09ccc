package main

import "strings"

// suggest ends a sentence about an unknown name: with the known name that was
// probably meant, or with where to look.
func suggest(name string, known []string) string {
	best, distance := "", len(name)/3+1
	for _, k := range known {
		_, leaf, _ := strings.Cut(k, ".")
		if d := editDistance(name, k); d < distance {
			best, distance = k, d
		} else if name == leaf && best == "" {
			best = k
		}
	}
	if best == "" {
		return "; see docs/config.md for those there are"
	}
	return "; did you mean " + best + "?"
}

// editDistance counts the letters to add, drop or change to get from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
