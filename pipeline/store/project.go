package store

import "context"

// ProjectNamed gives the id of the project of that name; ErrNotFound where there is none.
func ProjectNamed(ctx context.Context, db DB, name string) (id string, err error) {
	err = db.QueryRow(ctx, `select id from project where name = $1`, name).Scan(&id)
	return id, found(err)
}

const projectNamed = `
insert into project (name) values ($1)
on conflict (name) do update set name = excluded.name
returning id`

// Project gives the id of the project of that name, which is made if it is new.
func Project(ctx context.Context, db DB, name string) (id string, err error) {
	err = db.QueryRow(ctx, projectNamed, name).Scan(&id)
	return id, err
}
