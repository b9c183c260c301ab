create table correction (
	id        bigint generated always as identity primary key,
	recording uuid not null references recording on delete cascade,
	key       text not null,
	coder     text not null,
	made      timestamptz not null default now(),
	change    text not null,
	start_ms  bigint not null default 0,
	end_ms    bigint not null default 0,
	label     text not null default '',
	new       text not null default '',
	from_ms   bigint not null default 0,
	undoes    text not null default '',
	unique (recording, key)
);
create index on correction (recording, id);
comment on table correction is 'what people corrected in a transcript; rows are only ever added';
comment on column correction.new is 'the text, label or role that takes the place of what the machine heard';
create trigger correction_is_kept before update on correction execute function refuse();
