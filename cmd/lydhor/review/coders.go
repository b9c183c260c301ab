package review

import (
	"fmt"
	"net/http"
	"slices"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
)

// agreement shows how far two coders code alike, people or machines, over all recordings
// that both have coded.
func (s *server) agreement(w http.ResponseWriter, r *http.Request) error {
	talks, err := s.Coding.Coded(r.Context())
	if err != nil {
		return err
	}
	p := agreementPage{Coders: agreement.Coders(talks), Titles: map[string]string{}}
	a, b := r.FormValue("a"), r.FormValue("b")
	p.A, p.B = pair(p.Coders, a, b)
	if a+b != "" && (p.A != a || p.B != b) {
		p.Problem = &problem{key: "pick two coders"}
	}
	if p.A != "" && p.B != "" {
		p.Report = agreement.Between(talks, p.A, p.B)
	}
	list, err := s.listed(r)
	if err != nil {
		return err
	}
	for _, rec := range list {
		p.Titles[rec.ID] = rec.Title
	}
	status := http.StatusOK
	if p.Problem != nil {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, status, "coders", p)
}

type agreementPage struct {
	Coders []string
	agreement.Report
	Titles  map[string]string // of recordings
	Problem *problem
}

// pair is who is compared: as asked, or else the first two people, or the first and the
// machine.
func pair(coders []string, a, b string) (string, string) {
	if slices.Contains(coders, a) && slices.Contains(coders, b) && a != b {
		return a, b
	}
	var people []string
	for _, coder := range coders {
		if pipeline.IsPerson(coder) {
			people = append(people, coder)
		}
	}
	switch {
	case len(people) > 1:
		return people[0], people[1]
	case len(people) == 1 && slices.Contains(coders, pipeline.Lydhor):
		return people[0], pipeline.Lydhor
	}
	return "", ""
}

// A question is one that the coders answer of turns, with how alike they do.
type question struct {
	Name string
	agreement.Figures
}

// Questions are the three that are compared.
func (p agreementPage) Questions() []question {
	return []question{{"is it meaning", p.Meaning}, {"what came of it", p.Outcome}, {"two-way outcome", p.TwoWay}}
}

// A figure is written with its interval.
type figure agreement.Figure

func (f figure) with(sign string) string {
	write := func(x float64) string { return number{x, 2}.with(sign) }
	if f.Value == nil {
		return "–"
	}
	if f.Low == nil {
		return write(*f.Value)
	}
	return fmt.Sprintf("%s [%s; %s]", write(*f.Value), write(*f.Low), write(*f.High))
}
