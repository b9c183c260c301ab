create table account (
	id           uuid primary key default gen_random_uuid(),
	name         text not null unique check (name = lower(name) and name <> ''),
	password     text,
	failures     int not null default 0,
	locked_until timestamptz,
	disabled     timestamptz,
	made         timestamptz not null default now()
);
comment on table account is 'who may sign in';
comment on column account.password is 'argon2id in PHC form; null where nobody has chosen one yet';
comment on column account.failures is 'tries to sign in since the last that succeeded';

create table membership (
	account uuid not null references account on delete cascade,
	project uuid not null references project on delete cascade,
	role    text not null check (role in ('researcher', 'analyst', 'ops', 'admin', 'protection')),
	primary key (account, project, role)
);
comment on table membership is 'what an account is in a project; it may be several things';

create table session (
	hash    bytea primary key,
	account uuid not null references account on delete cascade,
	made    timestamptz not null default now(),
	used    timestamptz not null default now()
);
comment on table session is 'who is signed in; hash is SHA-256 of the secret that only the browser has';

create table sign_in_link (
	hash    bytea primary key,
	account uuid not null references account on delete cascade,
	expires timestamptz not null
);
comment on table sign_in_link is 'links that sign in once';

create table api_token (
	id      uuid primary key default gen_random_uuid(),
	hash    bytea not null unique,
	account uuid not null references account on delete cascade,
	project uuid not null references project on delete cascade,
	scopes  text[] not null,
	made    timestamptz not null default now(),
	expires timestamptz not null
);
comment on table api_token is 'what commands sign in with; it may do no more than its scopes and its account';

create table audit_event (
	n       bigint primary key,
	at      timestamptz not null,
	actor   text not null,
	act     text not null,
	project text not null,
	subject text not null,
	detail  text not null,
	before  bytea not null,
	hash    bytea not null
);
create index on audit_event (actor, subject, at);
comment on table audit_event is 'who did what when: ids only, never words; rows are only ever added and each hashes the one before';
create trigger audit_event_is_kept before update or delete on audit_event for each row execute function refuse();
create trigger audit_event_is_not_emptied before truncate on audit_event execute function refuse();
