package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// A share is what some of the objects take up.
type share struct {
	Project string `json:"project"` // "" for what belongs to no recording
	State   string `json:"state"`   // done, at work, failed; orphan, proof
	Kind    string `json:"kind"`    // original, 16khz.wav, channel-1.wav, rendition.m4a, masked
	Objects int    `json:"objects"`
	Bytes   int64  `json:"bytes"`
}

// storage reports what the objects and the rows take up.
func (a *app) storage(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("storage", flag.ContinueOnError)
	data := folder(fs)
	asJSON := fs.Bool("json", false, "print JSON")
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	s, err := a.service(ctx, a.over(*data).config())
	if err != nil {
		return err
	}
	defer s.close()
	shares, err := s.shares(ctx)
	if err != nil {
		return err
	}
	var rows int64
	if err := s.pool.QueryRow(ctx, `select pg_database_size(current_database())`).Scan(&rows); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(a.stdout).Encode(map[string]any{"objects": shares, "rows_bytes": rows})
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "project\tstate\tkind\tobjects\tbytes\t")
	sum := share{}
	for _, s := range shares {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t\n", s.Project, s.State, s.Kind, s.Objects, s.Bytes)
		sum.Objects += s.Objects
		sum.Bytes += s.Bytes
	}
	fmt.Fprintf(w, "all objects\t\t\t%d\t%d\t\nPostgres\t\t\t\t%d\t\n", sum.Objects, sum.Bytes, rows)
	return w.Flush()
}

// shares sums the objects up by project, state and kind.
func (s *service) shares(ctx context.Context) ([]share, error) {
	list, err := store.Places(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	places := map[string]store.Place{}
	for _, p := range list {
		places[p.Recording] = p
	}
	sums := map[share]share{}
	for info, err := range s.raw.All(ctx, "") {
		if err != nil {
			return nil, err
		}
		of := shareOf(places, info.Key)
		sum := sums[of]
		sum.Objects++
		sum.Bytes += info.Bytes
		sums[of] = sum
	}
	var shares []share
	for of, sum := range maps.All(sums) {
		of.Objects, of.Bytes = sum.Objects, sum.Bytes
		shares = append(shares, of)
	}
	slices.SortFunc(shares, func(a, b share) int {
		return cmp.Or(cmp.Compare(a.Project, b.Project), cmp.Compare(a.State, b.State), cmp.Compare(a.Kind, b.Kind))
	})
	return shares, nil
}

// shareOf says to which share an object belongs.
func shareOf(places map[string]store.Place, key string) share {
	recording, kind, _ := strings.Cut(key, "/")
	if strings.HasPrefix(key, blob.Proofs) {
		return share{State: "proof"}
	}
	if strings.HasPrefix(kind, "masked-") {
		kind = "masked"
	}
	p, known := places[recording]
	if !known {
		return share{State: "orphan", Kind: kind}
	}
	return share{Project: p.Project, State: p.State, Kind: kind}
}
