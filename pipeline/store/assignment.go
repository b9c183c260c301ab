package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Assignment is a recording that somebody is to code beside others.
type Assignment struct {
	Recording string     `json:"recording"`
	Coder     string     `json:"coder"`
	Blind     bool       `json:"blind"` // sees nothing of others and of the machine until it is done
	By        string     `json:"by"`
	Made      time.Time  `json:"made"`
	Done      *time.Time `json:"done,omitempty"` // when it was handed in
	Decided   int        `json:"decided"`        // decisions that the coder made of the recording
}

// Why somebody cannot be assigned a recording.
var (
	ErrNoCoder = errors.New("nobody of that name may code in the project")
	ErrSeen    = errors.New("has decided something of the recording already, and can no longer code it blind")
)

const (
	mayCode = `select exists (select from membership m join account a on a.id = m.account
	where m.project = $1 and a.name = $2 and a.disabled is null and m.role in ('researcher', 'analyst', 'admin'))`
	hasDecided       = `select exists (select from decision where recording::text = $1 and coder = $2)`
	insertAssignment = `
insert into assignment (recording, coder, blind, by) select id, $3, $4, $5 from recording where project = $1 and id::text = $2
on conflict (recording, coder) do nothing`
)

// Assign has a member of the project code a recording of it. Assigning again changes nothing.
func Assign(ctx context.Context, db DB, project string, a Assignment) error {
	if _, err := RecordingIn(ctx, db, project, a.Recording); err != nil {
		return err
	}
	var is bool
	if err := db.QueryRow(ctx, mayCode, project, a.Coder).Scan(&is); err != nil {
		return err
	}
	if !is {
		return ErrNoCoder
	}
	there, err := AssignmentOf(ctx, db, a.Recording, a.Coder)
	if err != nil || there != nil {
		return err
	}
	if err := db.QueryRow(ctx, hasDecided, a.Recording, a.Coder).Scan(&is); err != nil {
		return err
	}
	if is && a.Blind {
		return ErrSeen
	}
	_, err = db.Exec(ctx, insertAssignment, project, a.Recording, a.Coder, a.Blind, a.By)
	return err
}

const deleteAssignment = `
delete from assignment a using recording r
where r.id = a.recording and r.project = $1 and r.id::text = $2 and coder = $3 and a.done is null`

// Withdraw takes an assignment back that is not done; ErrNotFound where there is none such.
// What the coder decided stays.
func Withdraw(ctx context.Context, db DB, project, recording, coder string) error {
	tag, err := db.Exec(ctx, deleteAssignment, project, recording, coder)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}

// MayCode lists the members of a project who may code.
func MayCode(ctx context.Context, db DB, project string) ([]string, error) {
	rows, _ := db.Query(ctx, `select distinct a.name from membership m join account a on a.id = m.account
		where m.project = $1 and a.disabled is null and m.role in ('researcher', 'analyst', 'admin') order by a.name`, project)
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// HandIn ends a coder's work on a recording; ErrNotFound where there is none to end.
func HandIn(ctx context.Context, db DB, recording, coder string) error {
	tag, err := db.Exec(ctx, `update assignment set done = now() where recording::text = $1 and coder = $2 and done is null`, recording, coder)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}

const selectAssignments = `
select a.recording::text, coder, blind, by, a.made, a.done,
	(select count(*) from decision d where d.recording = a.recording and d.coder = a.coder and d.undoes = '')
from assignment a join recording r on r.id = a.recording `

// Assignments lists a project's, by recording, the newest first, and coder.
func Assignments(ctx context.Context, db DB, project string) ([]Assignment, error) {
	rows, _ := db.Query(ctx, selectAssignments+`where project = $1 order by received desc, r.id, coder`, project)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Assignment])
}

// AssignmentOf gives a coder's of a recording, nil where there is none.
func AssignmentOf(ctx context.Context, db DB, recording, coder string) (*Assignment, error) {
	rows, _ := db.Query(ctx, selectAssignments+`where r.id::text = $1 and coder = $2`, recording, coder)
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Assignment])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return a, err
}

// Blind reports whether a reader must not see what others and the machine say of a recording:
// it is assigned to them blind and not handed in. For reader "", whoever that is, it is blind
// where it is to anybody.
func Blind(ctx context.Context, db DB, recording, reader string) (blind bool, err error) {
	err = db.QueryRow(ctx, `select exists (select from assignment
		where recording::text = $1 and (coder = $2 or $2 = '') and blind and done is null)`, recording, reader).Scan(&blind)
	return blind, err
}

const doneBy = `
insert into assignment (recording, coder, blind, by, done) select id, $2, true, $3, now() from recording where id::text = $1
on conflict (recording, coder) do update set done = excluded.done`

// SetDoneBy notes that a coder who is nobody's account, such as a language model, has coded a
// recording, seeing nothing of others.
func SetDoneBy(ctx context.Context, db DB, recording, coder, by string) error {
	_, err := db.Exec(ctx, doneBy, recording, coder, by)
	return err
}
