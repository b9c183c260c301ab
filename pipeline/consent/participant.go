package consent

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

var code = regexp.MustCompile(`^[\p{L}\p{N}._-]{1,40}$`)

// ParseCodes reads participants' codes with commas or spaces between them.
func ParseCodes(text string) ([]string, error) {
	codes := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	for _, c := range codes {
		if !code.MatchString(c) {
			return nil, fmt.Errorf("%q is no participant's code: write letters, digits, dots, hyphens and underscores, as B-017", c)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes), nil
}

// PutParticipants notes who is heard in a recording, in the place of whoever was noted before.
func PutParticipants(ctx context.Context, db DB, recording string, codes []string) error {
	if _, err := db.Exec(ctx, `delete from participant where recording = $1`, recording); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `insert into participant (recording, code) select $1, unnest($2::text[]) on conflict do nothing`, recording, codes)
	return err
}

// Participants lists who is heard in a recording.
func Participants(ctx context.Context, db DB, recording string) ([]string, error) {
	rows, _ := db.Query(ctx, `select code from participant where recording::text = $1 order by code`, recording)
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const heardIn = `
select r.id::text from participant p join recording r on r.id = p.recording
where r.project = $1 and p.code = $2 order by r.received, r.id`

// HeardIn lists the recordings of a project that a participant is heard in, the oldest first.
func HeardIn(ctx context.Context, db DB, project, code string) ([]string, error) {
	rows, _ := db.Query(ctx, heardIn, project, code)
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
